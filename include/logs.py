"""Structured log lines: one JSON object a line, with the ids that join runs, models and steps."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, json_lines: bool = True) -> None:
    """Send structlog's lines to standard output, as JSON or for a terminal."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
    )


def bind(**ids: str) -> None:
    """Add ids (``run``, ``model``, ``step`` …) to every later line of this context."""
    structlog.contextvars.bind_contextvars(**ids)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger of a module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger
