from __future__ import annotations

import importlib
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import airflow
import jsonschema

from operators.provider import provider_info


def load(path: str) -> Any:
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def test_it_is_what_airflow_wants_to_hear() -> None:
    schema = Path(airflow.__file__).parent / "provider_info.schema.json"
    jsonschema.validate(provider_info(), json.loads(schema.read_text()))


def test_everything_it_names_is_there() -> None:
    info: Any = provider_info()
    for connection in info["connection-types"]:
        assert load(connection["hook-class-name"]).conn_type == connection["connection-type"]
    for path in (*info["notifications"], *info["extra-links"]):
        assert load(path)


def test_airflow_finds_it() -> None:
    (found,) = (
        entry
        for entry in entry_points(group="apache_airflow_provider")
        if entry.value == "operators.provider:provider_info"
    )
    assert found.load() is provider_info
