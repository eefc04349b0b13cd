"""Whether any node can ever take a pod: asked before the pod is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.pods.quantity import amount

if TYPE_CHECKING:
    from include.spec.compute import Profile

REMEDY = "Ask for less in the spec's `compute`, or add a node that has it"
ELASTIC = "; where nodes are added on demand, set AIRWORTHY_POD_NODES=elastic"


@dataclass(frozen=True)
class Node:
    """What a node has to give, whether or not something runs there now.

    Attributes:
        name: Its name.
        cpu: CPUs that pods may use.
        memory: Memory that pods may use.
        disk: Local disk that pods may use.
        labels: Its labels.
    """

    name: str
    cpu: str
    memory: str
    disk: str
    labels: tuple[tuple[str, str], ...] = ()


def check(step: str, profile: Profile, nodes: tuple[Node, ...]) -> None:
    """Refuse what no node can take, however long one waits.

    Raises:
        BadInput: no node has the labels, or none of those has as much.
    """
    where, wanted = f"compute of step {step}", profile.node_selector
    fitting = [node for node in nodes if wanted.items() <= dict(node.labels).items()]
    if not fitting:
        labels = ", ".join(f"{name}={text}" for name, text in sorted(wanted.items()))
        what = "no node has the labels of node_selector"
        raise BadInput(what, where=where, value=labels, remedy=f"Label a node{ELASTIC}")
    for name, asked, has in (
        ("cpu", profile.cpu, [node.cpu for node in fitting]),
        ("memory", profile.memory, [node.memory for node in fitting]),
        ("scratch", profile.scratch, [node.disk for node in fitting]),
    ):
        most = max(has, key=amount)
        if amount(asked) > amount(most):
            what = f"no node has that much {name}; the largest has {most}"
            raise BadInput(what, where=where, value=asked, remedy=f"{REMEDY}{ELASTIC}")
    if not any(_fits(profile, node) for node in fitting):
        value = f"cpu {profile.cpu}, memory {profile.memory}, scratch {profile.scratch}"
        what = "no single node has all of it"
        raise BadInput(what, where=where, value=value, remedy=f"{REMEDY}{ELASTIC}")


def _fits(profile: Profile, node: Node) -> bool:
    pairs = (
        (profile.cpu, node.cpu),
        (profile.memory, node.memory),
        (profile.scratch, node.disk),
    )
    return all(amount(asked) <= amount(has) for asked, has in pairs)
