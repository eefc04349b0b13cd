"""Ids in paths and queries: what does not look like one never reaches a query."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from include.access import naming

ModelName = Annotated[str, Path(pattern=naming.NAME)]
EndpointName = Annotated[str, Path(pattern=naming.NAME)]
VersionNumber = Annotated[str, Path(pattern=naming.VERSION)]
Id = Annotated[str, Path(pattern=naming.ULID)]
StageIndex = Annotated[int, Path(ge=0, le=100)]
DagId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,250}$")]
RunId = Annotated[str, Path(pattern=naming.RUN_ID)]
ModelFilter = Annotated[str, Query(pattern=rf"^$|{naming.NAME}")]
