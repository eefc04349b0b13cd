"""The forms that Airflow shows when somebody triggers one of our DAGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Param

from include.spec.model import Partitioning

if TYPE_CHECKING:
    from include.spec.model import Spec


def training_form(spec: Spec) -> dict[str, Param]:
    """Return the fields of a training run: partition, release, override, reason."""
    return {
        "partition": _partition(spec),
        "release": Param(
            "auto" if spec.release.policy == "auto" else "hold",
            type="string",
            enum=["auto", "hold"],
            title="Release",
            description="`auto`: a registered version is released at once, where the spec allows "
            "it. `hold`: it waits until somebody starts its release.",
            values_display={"auto": "Release when registered", "hold": "Register only"},
        ),
        "ask_override": Param(
            False,
            type="boolean",
            title="Ask people when gates do not pass",
            description="Otherwise the candidate is refused. Whoever starts the run cannot answer.",
        ),
        "reason": _reason(),
    }


def release_form() -> dict[str, Param]:
    """Return the fields of a release: version, reason."""
    return {
        "version": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d+\.\d+\.\d+$",
            title="Version",
            description="Registered version to release, for example `1.0.0`. Empty: the newest "
            "one that the triggering events name.",
            examples=["1.0.0"],
        ),
        "reason": _reason(),
    }


def compliance_form() -> dict[str, Param]:
    """Return the fields of a compliance report: model, day, reason."""
    return {
        "model": Param(
            None,
            type=["null", "string"],
            pattern=r"^[a-z][a-z0-9_]{1,62}$",
            title="Model",
            description="Model to report on. Empty: all that are live.",
            examples=["mortgage_approval"],
        ),
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            title="As of",
            description="Day (UTC) whose rules and live versions are meant. Empty: the run's day.",
        ),
        "reason": _reason(),
    }


def _partition(spec: Spec) -> Param:
    if spec.data.partitioning is Partitioning.MONTHLY:
        return Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}$",
            title="Month",
            description="Month to train on, as `2011-07`. Empty: the month of the data interval.",
            examples=["2011-07"],
        )
    default = spec.data.default_partition
    return Param(
        default or None,
        type="string" if default else ["null", "string"],
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        title="Batch",
        description="Name of the arrived batch to train on.",
        examples=[default] if default else [],
    )


def _reason() -> Param:
    return Param(
        "",
        type="string",
        maxLength=500,
        title="Reason",
        description="Why you start this run; kept with its record.",
    )
