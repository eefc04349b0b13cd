"""Registers a package as the next version of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict

from include.client.messages.base import Message
from include.client.messages.registry import RegisterVersion
from include.steps.registration import RegistrationDraft
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import VersionLink, version_page
from operators.results import artifact, result_of
from operators.run import first_xcom, is_repeat, param, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.spec.model import Spec

Policy = Literal["auto", "manual"]


class Tracking(Message):
    """The part of ``tracking.json`` that the registry keeps."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run_id: str


class RegisterVersionOperator(AirworthyOperator):
    """Registers what ``package`` made and ``track`` published; returns the version.

    Idempotent by the digest of the package.

    Args:
        spec: Spec of the model.
        package: Task that made the package.
        track: Task that published the run to MLflow.
        override: Task that asked people where gates did not pass.
    """

    operator_extra_links = (VersionLink(),)
    ui_color = "#e2f2e2"

    def __init__(
        self,
        *,
        spec: Spec,
        package: str = "package",
        track: str = "track",
        override: str = "ask_override",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.package = package
        self.track = track
        self.override = override
        self.page = ""

    def act(self, context: Context) -> str:
        """Register and return the version.

        Raises:
            ControlPlaneUnavailable: it did not answer; a retry asks again.
        """
        message = self._message(context)
        with AirworthyHook().control_plane(message.run) as control_plane:
            version = control_plane.register_version(message)
        self.log.info("%s %s, release %s", version.model, version.version, version.release_policy)
        self.page = version_page(version.model, version.version)
        return version.version

    def _message(self, context: Context) -> RegisterVersion:
        packaged = result_of(context, self.package)
        tracked = result_of(context, self.track)
        draft = RegistrationDraft.model_validate_json(artifact(packaged, "registration"))
        tracking = Tracking.model_validate_json(artifact(tracked, "tracking"))
        return RegisterVersion(
            **draft.model_dump(),
            run=run_ref(context),
            mlflow_run_id=tracking.run_id,
            release_policy=self.policy(context),
            override_id=first_xcom(context, (self.override,)),
        )

    def policy(self, context: Context) -> Policy:
        """Return whether registering may start the release.

        What fills the past or is done again never does, whatever spec and form say.
        """
        wanted = self.spec.release.policy == "auto" and param(context, "release") == "auto"
        return "auto" if wanted and not is_repeat(context) else "manual"
