"""Errors of a model server as the Open Inference Protocol says them: ``{"error": text}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from kserve.errors import InvalidInput, ModelNotFound
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Sequence

    import fastapi

_OURS = ("body", "InferenceRequest")


def add_handlers(app: fastapi.FastAPI) -> None:
    """Let an application say its errors in this form."""
    app.add_exception_handler(InvalidInput, _invalid)
    app.add_exception_handler(ModelNotFound, _unknown)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _refused)


async def _invalid(_: fastapi.Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=400)


async def _unknown(_: fastapi.Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=404)


async def _refused(_: fastapi.Request, error: Exception) -> JSONResponse:
    text, status = getattr(error, "detail", ""), getattr(error, "status_code", 400)
    return JSONResponse({"error": str(text)}, status_code=status)


async def _malformed(_: fastapi.Request, error: Exception) -> JSONResponse:
    """Say where a body is not a V2 request; the values stay out of it, they may not be JSON."""
    problems: Sequence[dict[str, Any]] = getattr(error, "errors", list)()
    told = [
        f"{'.'.join(str(part) for part in problem['loc'] if part not in _OURS)}: {problem['msg']}"
        for problem in problems
        if "bytes" not in problem["loc"]
    ][:3]
    return JSONResponse({"error": f"malformed request: {'; '.join(told)}"}, status_code=400)
