"""Plans and stages of rollouts, requests to go back, and events found by their object."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Rollouts of the first revision had no stages; their plans say so.
_SIGNALS = {
    "errors": {"max_share": 0.02},
    "latency": {"limit_ms": 250.0, "max_share": 0.05, "max_increase": 0.05},
    "quality": None,
    "distribution": {"max_distance": 0.4},
    "agreement": {"max_disagreement": 0.25, "tolerance": 0.5},
}
_BEFORE = {
    "kind": "canary",
    "task": "classification",
    "stages": [],
    "signals": _SIGNALS,
    "false_alarms": 0.01,
    "undecided_roles": ["approver"],
    "undecided_seconds": 86400.0,
    "newer_version": "queue",
}


def upgrade() -> None:
    """Add the columns and the tables; what is there keeps its meaning."""
    _rollout()
    _add("endpoint", _text("rollback_target"))
    _audit_event()
    _stage_look()
    _rollback()


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _json(name: str, value: object) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=json.dumps(value))


def _add(table: str, *columns: sa.Column[Any]) -> None:
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)


def _rollout() -> None:
    _add(
        "rollout",
        _json("plan", _BEFORE),
        _json("stages", []),
        _text("stable_version"),
        _text("rollback_id"),
        _text("stop_superseded_by"),
    )
    first = {**_BEFORE, "kind": "first"}
    rollout = sa.table(
        "rollout", sa.column("plan", sa.JSON()), sa.column("is_first_release", sa.Boolean())
    )
    op.execute(rollout.update().where(rollout.c.is_first_release).values(plan=first))


def _audit_event() -> None:
    _add("audit_event", _text("about"))
    events = sa.table(
        "audit_event",
        sa.column("tenant", sa.String()),
        sa.column("environment", sa.String()),
        sa.column("seq", sa.BigInteger()),
        sa.column("body", sa.LargeBinary()),
        sa.column("about", sa.String()),
    )
    connection = op.get_bind()
    key = (events.c.tenant, events.c.environment, events.c.seq)
    for tenant, environment, seq, body in connection.execute(sa.select(*key, events.c.body)).all():
        about = json.loads(body)["object"]
        mine = sa.and_(key[0] == tenant, key[1] == environment, key[2] == seq)
        named = f"{about['type']}/{about['id']}"
        connection.execute(events.update().where(mine).values(about=named))
    op.create_index(op.f("ix_audit_event_about"), "audit_event", ["about"], unique=False)


def _stage_look() -> None:
    op.create_table(
        "stage_look",
        _text("tenant", None),
        _text("environment", None),
        _text("rollout", None),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "environment", "rollout", name=op.f("pk_stage_look")),
    )


def _rollback() -> None:
    texts = ("tenant", "environment", "id", "kind", "endpoint", "model", "version")
    more = ("from_version", "requested_by", "reason", "rollout_id")
    op.create_table(
        "rollback",
        *(_text(name, None) for name in (*texts, *more)),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "environment", "endpoint"],
            ["endpoint.tenant", "endpoint.environment", "endpoint.name"],
            name=op.f("fk_rollback_endpoint"),
        ),
        sa.PrimaryKeyConstraint("tenant", "environment", "id", name=op.f("pk_rollback")),
    )
    op.create_index(op.f("ix_rollback_endpoint"), "rollback", ["endpoint"], unique=False)
