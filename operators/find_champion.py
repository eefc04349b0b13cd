"""Finds the live version that a candidate is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.errors import NotFound
from operators.hooks.airworthy import AirworthyHook
from operators.run import run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.spec.model import Spec


class FindChampionOperator(AirworthyOperator):
    """Returns version and package URI of what is live, parted by a space; empty for nothing.

    Args:
        spec: Spec of the model, with its endpoint.
    """

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def act(self, context: Context) -> str:
        """Look it up.

        Raises:
            ControlPlaneUnavailable: a retry asks again; an outage is never "nothing is live".
        """
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            try:
                live = control_plane.endpoint(self.spec.release.endpoint).live_version
            except NotFound:  # an endpoint begins with its first rollout
                live = ""
            if not live:
                self.log.info("nothing is live: there is no champion")
                return ""
            version = control_plane.version(self.spec.model, live)
        self.log.info("champion: %s %s", version.version, version.package_uri)
        return f"{version.version} {version.package_uri}"
