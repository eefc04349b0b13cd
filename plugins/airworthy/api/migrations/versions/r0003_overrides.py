"""Who let a version in although gates did not pass, and for whom a decision was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; versions registered before passed their gates."""
    with op.batch_alter_table("version") as batch:
        batch.add_column(sa.Column("gate_override", sa.JSON(), nullable=True))
    with op.batch_alter_table("decision") as batch:
        batch.add_column(sa.Column("asked_by", sa.String(), nullable=False, server_default=""))
