"""The base of operators that act on an open rollout."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import MoveRollout, RolloutState, WantVariants
from include.errors import BadInput, StopRequested
from include.rollout.stages import is_behind, steps_to
from include.serving.endpoint import Endpoint, Variant
from operators.hooks.airworthy import AirworthyHook
from operators.hooks.serving import ServingHook
from operators.links.release import RolloutLink, rollout_page
from operators.run import first_xcom, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.registry import Version
    from include.client.messages.rollouts import EndpointRecord, Rollout, VariantWish
    from include.spec.serving import Serving

OPEN_ROLLOUT = "open_rollout"


@dataclass(frozen=True)
class Open:
    """An open rollout at the control plane, in the hands of a task."""

    control_plane: ControlPlane
    rollout: Rollout
    context: Context

    def candidate(self) -> Version:
        """Return the version that the rollout is about."""
        return self.control_plane.version(self.rollout.model, self.rollout.version)

    def endpoint(self) -> EndpointRecord:
        """Return the endpoint that the rollout owns."""
        return self.control_plane.endpoint(self.rollout.endpoint)

    def live(self) -> Version | None:
        """Return the live version of the endpoint; None where nothing is live."""
        live = self.endpoint().live_version
        return self.control_plane.version(self.rollout.model, live) if live else None

    def bring(self, variants: tuple[VariantWish, ...], *, over_others: bool = False) -> None:
        """Want these variants from now on: recorded first, then asked of the driver.

        Args:
            variants: What is wanted.
            over_others: Whether to take back what somebody else made of the endpoint.

        Raises:
            Conflict: The driver holds what somebody else wanted, and it is not to be taken back.
            FencedOut: Somebody newer owns the endpoint.
            ServingUnavailable: The driver did not answer; a retry asks again.
        """
        self.apply(self.want(variants, self._newest_revision() if over_others else 0))

    def want(self, variants: tuple[VariantWish, ...], seen_revision: int = 0) -> EndpointRecord:
        """Record that these variants are wanted, under a revision above ``seen_revision``."""
        wanted = WantVariants(
            fencing_token=self.rollout.fencing_token,
            variants=variants,
            seen_revision=seen_revision,
        )
        return self.control_plane.want_variants(self.rollout.endpoint, wanted)

    def _newest_revision(self) -> int:
        driver = ServingHook().driver()
        try:
            return driver.observe(self.rollout.endpoint).revision
        except BadInput:  # the driver has not heard of the endpoint yet
            return 0
        finally:
            driver.close()

    def apply(self, record: EndpointRecord) -> None:
        """Ask the driver for a wanted state as it is recorded."""
        driver = ServingHook().driver()
        try:
            driver.apply(as_endpoint(record, self.rollout.plan.serving))
        finally:
            driver.close()

    def foresee(self, stages: Iterable[tuple[VariantWish, ...]]) -> None:
        """Let pass stages that the driver can bring the endpoint to.

        Raises:
            BadInput: it can never bring it to one of them, or nobody could judge them.
            MetricsUnavailable: whoever counts the requests is away.
        """
        record, driver = self.endpoint(), ServingHook().driver()
        try:
            for variants in stages:
                wanted = record.model_copy(update={"variants": variants})
                driver.preflight(as_endpoint(wanted, self.rollout.plan.serving))
        finally:
            driver.close()
        ServingHook().check_metrics(self.rollout)

    def approve(self, decision_id: str, reason: str) -> Open:
        """Let the rollout begin, by the decision where one is needed; no move where it has."""
        if self.rollout.state is not RolloutState.OPENED:
            return self
        approved = self._move(RolloutState.APPROVED, reason, decision_id)
        return replace(self, rollout=approved)

    def advance(self, state: RolloutState, reason: str) -> None:
        """Move the rollout on to ``state`` by every state between; no move where it is there."""
        for step in steps_to(self.rollout.state, state):
            self.move(step, reason)

    def move(self, state: RolloutState, reason: str) -> Rollout:
        """Move the rollout to ``state``."""
        return self._move(state, reason, "")

    def _move(self, state: RolloutState, reason: str, decision_id: str) -> Rollout:
        token = self.rollout.fencing_token
        message = MoveRollout(
            state=state, reason=reason, fencing_token=token, decision_id=decision_id
        )
        return self.control_plane.move_rollout(self.rollout.id, message)


class StageOperator(AirworthyOperator):
    """Does one stage of an open rollout.

    A stage that is behind is a logged no-op, and so is each one of a rollout that people asked to
    stop, also if they ask while it acts: ``settle`` then makes the endpoint safe and ends it.

    Args:
        rollout: Task that opened the rollout.
    """

    operator_extra_links = (RolloutLink(),)
    ui_color = "#e2f2e2"

    def __init__(self, *, rollout: str = OPEN_ROLLOUT, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rollout = rollout
        self.page = ""

    def act(self, context: Context) -> str | None:
        """Do the stage unless the rollout has left it behind or has to stop."""
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (self.rollout,)))
            self.page = rollout_page(rollout.id)
            if is_behind(rollout.state, self.acts_until()):
                self.log.info("nothing to do: rollout %s is %s", rollout.id, rollout.state.value)
                return None
            if rollout.stop is not None:
                self.log.warning(
                    "nothing done: %s asked to stop: %s", rollout.stop.by, rollout.stop.reason
                )
                return None
            try:
                return self.proceed(Open(control_plane, rollout, context))
            except StopRequested as stop:
                self.log.warning("given up: %s", stop)
                return None

    @abstractmethod
    def acts_until(self) -> RolloutState:
        """Return the last state of a rollout in which the stage still acts."""

    @abstractmethod
    def proceed(self, opened: Open) -> str | None:
        """Do the stage, idempotently."""


def as_endpoint(record: EndpointRecord, sizing: Serving) -> Endpoint:
    """Return the wanted state as the serving drivers take it."""
    return Endpoint(
        name=record.name,
        model=record.model,
        revision=record.revision,
        owner=record.owner,
        fencing_token=record.fencing_token,
        variants=tuple(Variant(**variant.model_dump()) for variant in record.variants),
        sizing=sizing,
    )
