"""The first revision: every table of the control plane, keyed by tenant and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from datetime import datetime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build every table."""
    for build in BUILDS:
        build()


def _text(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.String(), nullable=False) for name in names)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _long(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _instant(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _scope() -> tuple[sa.Column[str], ...]:
    return _text("tenant", "environment")


def _try() -> tuple[sa.Column[Any], ...]:
    numbers = _integer("try_number"), _integer("map_index")
    return (*_text("dag_id", "run_id", "task_id"), *numbers)


def _alert() -> None:
    op.create_table(
        "alert",
        *_scope(),
        *_text("id", "fingerprint", "severity", "title", "body", "model", "link"),
        _instant("raised_at"),
        *_try(),
        sa.PrimaryKeyConstraint("tenant", "environment", "id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "tenant", "environment", "fingerprint", name=op.f("uq_alert_fingerprint")
        ),
    )
    op.create_index(op.f("ix_alert_model"), "alert", ["model"], unique=False)


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        *_scope(),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *_text("id"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("tenant", "environment", "seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("tenant", "environment", "id", name=op.f("uq_audit_event_id")),
    )


def _decision() -> None:
    op.create_table(
        "decision",
        *_scope(),
        *_text("id", "kind", "title", "body", "about", "subject_digest"),
        _json("options"),
        *_text("default_option"),
        _json("roles"),
        *_text("state"),
        _instant("opened_at"),
        *_text("opened_by"),
        _instant("deadline"),
        _integer("extensions"),
        *_text("answer", "answered_by"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        *_text("reason"),
        *_try(),
        sa.PrimaryKeyConstraint("tenant", "environment", "id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "tenant",
            "environment",
            "kind",
            "subject_digest",
            "dag_id",
            "run_id",
            name=op.f("uq_decision_question"),
        ),
    )
    op.create_index(op.f("ix_decision_deadline"), "decision", ["deadline"], unique=False)
    op.create_index(op.f("ix_decision_state"), "decision", ["state"], unique=False)


def _decision_extension() -> None:
    op.create_table(
        "decision_extension",
        *_scope(),
        *_text("decision"),
        _integer("number"),
        _instant("deadline"),
        *_text("extended_by"),
        _instant("extended_at"),
        *_text("reason"),
        sa.PrimaryKeyConstraint(
            "tenant", "environment", "decision", "number", name=op.f("pk_decision_extension")
        ),
    )


def _endpoint() -> None:
    op.create_table(
        "endpoint",
        *_scope(),
        *_text("name", "model", "owner"),
        _long("fencing_token"),
        _long("revision"),
        _json("variants"),
        *_text("live_version"),
        sa.PrimaryKeyConstraint("tenant", "environment", "name", name=op.f("pk_endpoint")),
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        *_scope(),
        *_text("key", "principal", "route", "request_digest"),
        _integer("status"),
        _bytes("response"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint(
            "tenant", "environment", "key", "principal", "route", name=op.f("pk_idempotency")
        ),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        *_scope(),
        *_text("id", "kind", "payload"),
        _instant("created_at"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        _integer("failures"),
        *_text("last_error"),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "environment", "id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_due_at"), "outbox", ["due_at"], unique=False)


def _run() -> None:
    op.create_table(
        "run",
        *_scope(),
        *_try(),
        *_text("model", "kind", "partition_name", "state", "reason", "version"),
        _json("results"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("tenant", "environment", "dag_id", "run_id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_model"), "run", ["model"], unique=False)


def _version() -> None:
    op.create_table(
        "version",
        *_scope(),
        *_text("model"),
        _integer("major"),
        _integer("minor"),
        _integer("patch"),
        *_text(
            "package_uri",
            "package_digest",
            "model_digest",
            "signature",
            "dataset_digest",
            "spec_digest",
            "spec_uri",
        ),
        _json("metrics"),
        _json("gates"),
        *_text("mlflow_run_id", "release_policy"),
        _instant("registered_at"),
        *_try(),
        sa.PrimaryKeyConstraint(
            "tenant", "environment", "model", "major", "minor", "patch", name=op.f("pk_version")
        ),
        sa.UniqueConstraint(
            "tenant", "environment", "model", "package_digest", name=op.f("uq_version_package")
        ),
    )


def _alert_delivery() -> None:
    op.create_table(
        "alert_delivery",
        *_scope(),
        *_text("alert"),
        _integer("number"),
        *_text("channel", "state", "detail"),
        _instant("at"),
        sa.ForeignKeyConstraint(
            ["tenant", "environment", "alert"],
            ["alert.tenant", "alert.environment", "alert.id"],
            name=op.f("fk_alert_delivery_alert"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "environment", "alert", "number", name=op.f("pk_alert_delivery")
        ),
    )


def _audit_payload() -> None:
    op.create_table(
        "audit_payload",
        *_scope(),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        _bytes("salt"),
        _bytes("payload"),
        sa.ForeignKeyConstraint(
            ["tenant", "environment", "seq"],
            ["audit_event.tenant", "audit_event.environment", "audit_event.seq"],
            name=op.f("fk_audit_payload_audit_event"),
        ),
        sa.PrimaryKeyConstraint("tenant", "environment", "seq", name=op.f("pk_audit_payload")),
    )


def _rollout() -> None:
    op.create_table(
        "rollout",
        *_scope(),
        *_text("id", "endpoint", "model", "version", "plan_digest", "state", "reason"),
        _long("fencing_token"),
        sa.Column("is_first_release", sa.Boolean(), nullable=False),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        *_text("decision_id", "stop_by", "stop_reason"),
        sa.Column("stop_at", sa.DateTime(timezone=True), nullable=True),
        _instant("opened_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_try(),
        sa.ForeignKeyConstraint(
            ["tenant", "environment", "endpoint"],
            ["endpoint.tenant", "endpoint.environment", "endpoint.name"],
            name=op.f("fk_rollout_endpoint"),
        ),
        sa.PrimaryKeyConstraint("tenant", "environment", "id", name=op.f("pk_rollout")),
        sa.UniqueConstraint(
            "tenant", "environment", "endpoint", "dag_id", "run_id", name=op.f("uq_rollout_run")
        ),
    )
    op.create_index(op.f("ix_rollout_model"), "rollout", ["model"], unique=False)


BUILDS = (
    _alert,
    _audit_event,
    _decision,
    _decision_extension,
    _endpoint,
    _idempotency,
    _outbox,
    _run,
    _version,
    _alert_delivery,
    _audit_payload,
    _rollout,
)
