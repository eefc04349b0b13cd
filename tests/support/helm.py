"""The chart, rendered and installed as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from tests.support.cluster import Cluster

CHART = Path(__file__).parents[2] / "charts" / "airworthy"
KUBERNETES = "1.34.0"


class Rendered:
    """The objects of a rendered chart."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.objects: list[dict[str, Any]] = [one for one in yaml.safe_load_all(text) if one]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        return [one for one in self.objects if one["kind"] == kind]

    def one(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """Return the object of a kind whose name ends like this."""
        found = [
            one
            for one in self.all(kind)
            if one["metadata"]["name"].endswith(name)
            and namespace in {None, one["metadata"].get("namespace")}
        ]
        assert len(found) == 1, [one["metadata"]["name"] for one in found]
        return found[0]

    def pods(self) -> dict[str, dict[str, Any]]:
        """Return the specs of everything that becomes a pod, by name."""
        specs = {}
        for one in self.objects:
            spec = one.get("spec") or {}
            template = spec if one["kind"] == "Pod" else spec.get("template", {}).get("spec")
            if template:
                specs[one["metadata"]["name"]] = template
        return specs


class Chart:
    """Renders the chart and refuses what helm refuses."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def render(self, release: str = "test", namespace: str = "there", **values: Any) -> Rendered:
        """Return the objects that these values give; names of values have ``__`` for a dot.

        Raises:
            RuntimeError: helm refuses the values.
        """
        words = ("helm", "template", release, str(CHART), "-n", namespace)
        told = self._cluster.run(*words, "--kube-version", KUBERNETES, *settings(values))
        return Rendered(told)


def settings(values: dict[str, Any]) -> list[str]:
    """Return values as helm's arguments."""
    return [
        word
        for name, value in values.items()
        for word in ("--set-json", f"{name.replace('__', '.')}={json.dumps(value)}")
    ]
