"""The page of a model's DAGs, in Markdown, from its spec alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.spec.gates import Gate
    from include.spec.model import Spec


def card(spec: Spec, stage: str) -> str:
    """Return the page: purpose, owner, data, gates, release.

    Args:
        spec: The resolved spec.
        stage: What the DAG does, as a sentence.
    """
    return "\n\n".join((
        f"### {spec.title}",
        stage,
        f"**Purpose.** {spec.purpose.strip()}",
        f"**Owner.** {spec.owner.team} ({spec.owner.email}), materiality {spec.materiality}.",
        _data(spec),
        "**Gates, declared before data is seen**\n" + "\n".join(_gate(g) for g in spec.gates),
        _release(spec),
    ))


def _data(spec: Spec) -> str:
    data = spec.data
    return (
        f"**Data.** {data.partitioning.value} partitions from `{data.source.uri}`, "
        f"{len(data.columns)} columns, {len(data.features)} of them features, target "
        f"`{data.target.name}`; at most {data.quality.max_quarantine_share:.0%} of the rows may "
        f"be set aside, and at least {data.quality.min_rows} have to be left."
    )


def _gate(gate: Gate) -> str:
    limits = [
        f"at least {gate.at_least:g}" if gate.at_least is not None else "",
        f"at most {gate.at_most:g}" if gate.at_most is not None else "",
        f"worse by at most {gate.margin:g}" if gate.margin is not None else "",
    ]
    told = " and ".join(limit for limit in limits if limit) or "none"
    return f"- `{gate.name}`: {gate.subject} {told}"


def _release(spec: Spec) -> str:
    release = spec.release
    approval = release.first_release
    asked = (
        f"the first release needs one of {', '.join(approval.roles)} within "
        f"{approval.deadline_hours:g} h (no answer means no)"
        if approval.required
        else "the first release needs no approval"
    )
    return f"**Release.** Policy `{release.policy}`, endpoint `{release.endpoint}`; {asked}."
