"""Versions of models."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.registry import RegisterVersion, Version
from plugins.airworthy.api.actions import registering
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import ModelName, VersionNumber

router = APIRouter(tags=["versions"])


@router.post("/versions", response_model=Version)
def register_version(
    message: RegisterVersion, call: Annotated[Call, Depends(Allowed(Action.REGISTER_VERSION))]
) -> Response:
    """Register a package as the next semantic version of its model."""
    return call.write(message, lambda work: registering.register(work, message))


@router.get("/models/{model}/versions")
def versions(
    model: ModelName, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> tuple[Version, ...]:
    """Return the versions of a model, newest first."""
    return call.read(lambda stores: stores.versions.of_model(model))


@router.get("/models/{model}/versions/{version}")
def version(
    model: ModelName, version: VersionNumber, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> Version:
    """Return one version of a model."""
    return call.read(lambda stores: registering.one(stores, model, version))
