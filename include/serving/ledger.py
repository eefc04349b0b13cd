"""What each variant of each endpoint did, counted for each revision of the endpoint.

Called in the router's event loop for each request, and from nowhere else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.evidence.tally import Evidence, Pairing, Tally
from include.serving.counts import ShadowCount, VariantCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from include.errors import AirworthyError
    from include.serving.losses import Loss
    from include.serving.witness import Asked, Predicted

REVISIONS = 20
"""Newest revisions of an endpoint whose counts are kept."""
_WATCH_STEP = 10.0


@dataclass(frozen=True)
class Origin:
    """Whose a prediction is: what its label has to be counted for."""

    endpoint: str
    revision: int
    token: int
    variant: str
    version: str


@dataclass(frozen=True)
class Kept:
    """The counts of one phase as they are kept.

    Attributes:
        token: Fencing token of the phase: a revision number may come again with a newer one.
        evidence: The counts.
    """

    token: int
    evidence: Evidence


class Phase:
    """The counts of one revision of one endpoint.

    Attributes:
        age: What orders the phases of an endpoint: token, then revision.
        dirty: Whether counts have changed since they were last kept.
    """

    def __init__(self, kept: Kept) -> None:
        evidence = kept.evidence
        self.endpoint, self.revision, self.token = evidence.endpoint, evidence.revision, kept.token
        self.age = (kept.token, evidence.revision)
        self.dirty = True
        self._interruptions = evidence.interruptions
        self._watched = self._kept = evidence.seconds
        self._since: float | None = None
        self._variants = {(one.variant, one.version): VariantCount(one) for one in evidence.tallies}
        self._shadows = {(one.variant, one.version): ShadowCount(one) for one in evidence.pairings}

    def variant(self, name: str, version: str) -> VariantCount:
        """Return the count of a variant, which is about to change."""
        self.dirty = True
        count = self._variants.get((name, version))
        if count is None:
            count = self._variants[name, version] = VariantCount(Tally(name, version))
        return count

    def shadow(self, name: str, version: str) -> ShadowCount:
        """Return the count of a shadow, which is about to change."""
        self.dirty = True
        count = self._shadows.get((name, version))
        if count is None:
            count = self._shadows[name, version] = ShadowCount(Pairing(name, version))
        return count

    def watch(self, now: float) -> None:
        """Begin to watch."""
        if self._since is None:
            self._since = now

    def leave(self, now: float) -> None:
        """End watching."""
        if self._since is not None:
            self._watched, self._since, self.dirty = self.seconds(now), None, True

    def seconds(self, now: float) -> float:
        """Return how long it has been watched."""
        return self._watched + (now - self._since if self._since is not None else 0.0)

    def due(self, now: float) -> bool:
        """Say whether it is worth keeping again: counts changed, or much time went by."""
        return self.dirty or self.seconds(now) - self._kept >= _WATCH_STEP

    def keep(self, now: float) -> Kept:
        """Return what is to be kept."""
        self.dirty, self._kept = False, self.seconds(now)
        return Kept(self.token, self.evidence(now))

    def evidence(self, now: float) -> Evidence:
        """Return the counts."""
        return Evidence(
            endpoint=self.endpoint,
            revision=self.revision,
            seconds=self.seconds(now),
            tallies=tuple(count.tally() for count in self._variants.values()),
            pairings=tuple(count.pairing() for count in self._shadows.values()),
            interruptions=self._interruptions,
        )


class Ledger:
    """A witness that counts.

    Args:
        monotonic: A clock that never jumps, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._phases: dict[str, dict[int, Phase]] = {}
        self._current: dict[str, Phase] = {}
        self._lost: frozenset[tuple[str, str]] = frozenset()

    def answered(self, predicted: Predicted) -> None:
        """Count an answer, unless it was asked for past the router or out of turn."""
        asked = predicted.asked
        if asked.variant or asked.retried:
            return
        phase = self._phase(asked)
        if phase is not None:
            phase.variant(predicted.variant, predicted.version).answered(predicted)

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        """Count a request without an answer, unless nobody in particular was asked."""
        del error
        if asked.variant or asked.retried or not variant:
            return
        phase = self._phase(asked)
        if phase is not None:
            phase.variant(variant, version).failed(unit=bool(asked.unit))

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        """Count a pair."""
        phase = self._phase(asked)
        if phase is not None:
            phase.shadow(variant, version).mirrored(visible, shadow)

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        """Count a request that was not mirrored."""
        phase = self._phase(asked)
        if phase is not None:
            phase.shadow(variant, version).dropped += 1

    def labelled(self, origin: Origin, loss: Loss) -> None:
        """Count the losses of a labelled prediction, as long as its revision is kept."""
        phase = self._known(origin)
        if phase is not None:
            phase.variant(origin.variant, origin.version).losses.add(loss)

    def compared(self, shadow: Origin, difference: Loss) -> None:
        """Count the losses of a shadow's labelled prediction minus those of the visible one."""
        phase = self._known(shadow)
        if phase is not None:
            phase.shadow(shadow.variant, shadow.version).differences.add(difference)

    def begin(self, endpoint: str, revision: int, token: int) -> Phase | None:
        """Watch a revision from now on if it is newer than those known; return its phase.

        A revision number that was known under an older token begins anew; under a newer one it is
        not touched, and None is returned.
        """
        phases = self._phases.setdefault(endpoint, {})
        phase = phases.get(revision)
        if phase is not None and phase.token > token:
            return None
        if phase is None or phase.token < token:
            interruptions = int((endpoint, str(revision)) in self._lost)
            empty = Evidence(endpoint, revision, 0.0, interruptions=interruptions)
            phase = phases[revision] = Phase(Kept(token, empty))
        self._turn(phase)
        return phase

    def evidence(self, endpoint: str, revision: int) -> Evidence:
        """Return what was counted; zero counts where nothing was."""
        phase = self._phases.get(endpoint, {}).get(revision)
        return phase.evidence(self._now()) if phase else Evidence(endpoint, revision, 0.0)

    def restore(self, kept: Iterable[Kept], lost: frozenset[tuple[str, str]]) -> None:
        """Take up counts that were kept; nothing is watched until it begins.

        Args:
            kept: The counts.
            lost: Endpoint and revision of counts that were lost; these begin as interrupted.
        """
        self._lost = lost
        for one in kept:
            phase = Phase(one)
            self._phases.setdefault(phase.endpoint, {})[phase.revision] = phase

    def changed(self) -> tuple[Kept, ...]:
        """Return what has to be kept again, and take it for kept."""
        now = self._now()
        phases = [phase for known in self._phases.values() for phase in known.values()]
        return tuple(phase.keep(now) for phase in phases if phase.due(now))

    def not_kept(self, kept: Iterable[Kept]) -> None:
        """Take note that what was to be kept was not."""
        for one in kept:
            phase = self._phases.get(one.evidence.endpoint, {}).get(one.evidence.revision)
            if phase is not None:
                phase.dirty = True

    def prune(self) -> tuple[tuple[str, int], ...]:
        """Forget all but the newest revisions; return those forgotten."""
        over: list[tuple[str, int]] = []
        for endpoint, phases in self._phases.items():
            oldest = sorted(phases.values(), key=lambda phase: phase.age)[:-REVISIONS]
            for phase in oldest:
                del phases[phase.revision]
                over.append((endpoint, phase.revision))
        return tuple(over)

    def _turn(self, phase: Phase) -> None:
        current, now = self._current.get(phase.endpoint), self._now()
        if current is not None and current is not phase:
            if phase.age < current.age:
                return
            current.leave(now)
        self._current[phase.endpoint] = phase
        phase.watch(now)

    def _phase(self, asked: Asked) -> Phase | None:
        phase = self._phases.get(asked.endpoint, {}).get(asked.revision)
        if phase is not None and phase.token == asked.token:
            return phase
        return self.begin(asked.endpoint, asked.revision, asked.token)

    def _known(self, origin: Origin) -> Phase | None:
        phase = self._phases.get(origin.endpoint, {}).get(origin.revision)
        return phase if phase is not None and phase.token == origin.token else None
