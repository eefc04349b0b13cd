"""Whatever anybody does in whatever order: an endpoint without a rollout is safe."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import invariant

from include.client.messages.rollouts import RolloutState
from include.rollout.clearing import CLEARED, ENDED, is_cleared
from include.rollout.progress import progress_of
from include.rollout.states import is_end
from tests.support.release_actors import SCOPE, WAY, Anybody


class Releases(Anybody):
    """What holds after everything that anybody did."""

    @invariant()
    def what_nobody_owns_is_safe(self) -> None:
        endpoint = self.endpoint
        if endpoint is None or endpoint.owner:
            return
        assert endpoint.live_version in self.promoted
        versions = {variant.version for variant in endpoint.variants}
        assert versions == ({endpoint.live_version} - {""})
        assert sum(variant.weight for variant in endpoint.variants) == 100 * len(versions)

    @invariant()
    def one_never_goes_back_to_what_is_live_or_never_was(self) -> None:
        endpoint = self.endpoint
        if endpoint is not None and endpoint.rollback_target:
            assert endpoint.rollback_target in self.promoted - {endpoint.live_version}

    @invariant()
    def what_was_promoted_had_every_stage_cleared_and_what_ended_has_none_open(self) -> None:
        with self.database.reading(SCOPE) as stores:
            for rollout in stores.rollouts.listed("", None):
                states = [record.state for record in rollout.stages]
                if rollout.state is RolloutState.PROMOTED:
                    assert len(states) == len(rollout.plan.stages)
                    assert set(states) <= CLEARED
                if is_end(rollout.state):
                    assert set(states) <= ENDED

    @invariant()
    def a_candidate_has_the_traffic_of_its_stage_and_no_more(self) -> None:
        rollout, endpoint = self.rollout, self.endpoint
        if rollout is None or endpoint is None or endpoint.owner != rollout.id:
            return
        weight = sum(v.weight for v in endpoint.variants if v.version == rollout.version)
        # A stage that has just begun has the split of the one before until its own is wanted.
        begun = rollout.plan.stages[: len(rollout.stages)][-2:]
        promotable = is_cleared(rollout.plan, progress_of(rollout))
        assert weight in {0, *(stage.percent for stage in begun), *([100] * promotable)}

    @invariant()
    def the_owner_is_the_rollout_that_has_not_ended(self) -> None:
        with self.database.reading(SCOPE) as stores:
            running = [r.id for r in stores.rollouts.listed("", None) if not is_end(r.state)]
            endpoint = stores.endpoints.get("ames")
        assert running == ([endpoint.owner] if endpoint and endpoint.owner else [])

    @invariant()
    def nothing_began_without_its_approval(self) -> None:
        with self.database.reading(SCOPE) as stores:
            for rollout in stores.rollouts.listed("", None):
                if rollout.approval_required and rollout.state.value in {*WAY, "staged"}:
                    decision = stores.decisions.get(rollout.decision_id)
                    assert decision is not None
                    assert decision.answer == "approve"


TestReleases = Releases.TestCase
TestReleases.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
