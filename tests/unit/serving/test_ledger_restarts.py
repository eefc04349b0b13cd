"""What a ledger is after restarts, crashes and damage."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from include.serving.faults import AnswerLost
from include.serving.keeping import Counts, Keeper
from include.serving.ledger import REVISIONS, Ledger, Origin
from include.serving.losses import Loss
from tests.support.predicted import asked, predicted
from tests.unit.serving.test_ledger import Watch, ledger, watch

__all__ = ["ledger", "watch"]


LOST = AnswerLost("gone")


def test_only_what_changed_is_kept_again(ledger: Ledger, watch: Watch) -> None:
    ledger.answered(predicted())
    (kept,) = ledger.changed()
    assert ledger.changed() == ()
    watch.now += 1
    assert ledger.changed() == ()
    ledger.not_kept((kept,))
    assert len(ledger.changed()) == 1
    watch.now += 30
    assert ledger.changed()[0].evidence.seconds == 31


class Restarts(RuleBasedStateMachine):
    """Whatever is counted between restarts adds up to what was sent."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.root))
        self.revision = 1
        self.sent: dict[tuple[int, str], list[int]] = {}
        self.crashes = 0
        self.ledger = Ledger(lambda: 0.0)
        self.counts = Counts(self.folder)

    @rule(version=st.sampled_from(["1.0.0", "2.0.0"]), status=st.sampled_from([200, 404, 500]))
    def answer(self, version: str, status: int) -> None:
        request = asked(revision=self.revision)
        self.ledger.answered(predicted(request, version=version, status=status))
        self._sent(version)[1 if status == 404 else 0] += 1

    @rule(version=st.sampled_from(["1.0.0", "2.0.0"]))
    def fail(self, version: str) -> None:
        self.ledger.failed(asked(revision=self.revision), "stable", version, LOST)
        self._sent(version)[0] += 1

    @rule(version=st.sampled_from(["1.0.0", "2.0.0"]), lost=st.booleans())
    def label(self, version: str, lost: bool) -> None:
        origin = Origin("loans", self.revision, 1, "stable", version)
        if self.ledger.evidence("loans", self.revision).tally(version) is not None:
            self.ledger.labelled(origin, Loss(float(lost)))
            self._sent(version)[2] += 1

    @rule()
    def next_revision(self) -> None:
        if self.revision < REVISIONS:
            self.revision += 1

    @rule(clean=st.booleans())
    def restart(self, clean: bool) -> None:
        self.counts.save(self.ledger.changed())
        if clean:
            self.counts.close()
        self.crashes += not clean
        restored = self.counts.load()
        assert restored.problems == ()
        self.ledger = Ledger(lambda: 0.0)
        self.ledger.restore(restored.kept, restored.lost)

    @invariant()
    def adds_up(self) -> None:
        for (revision, version), (requests, refused, labels) in self.sent.items():
            seen = self.ledger.evidence("loans", revision).tally(version)
            assert seen is not None
            assert (seen.requests, seen.refused) == (requests, refused)
            assert seen.losses.error.count == labels
            assert sum(count for _, count in seen.outputs) == requests - seen.errors
        if self.sent:
            (first, _), *_ = self.sent
            assert self.ledger.evidence("loans", first).interruptions <= self.crashes

    def _sent(self, version: str) -> list[int]:
        return self.sent.setdefault((self.revision, version), [0, 0, 0])


def test_counts_in_are_counts_out_over_restarts(tmp_path: Path) -> None:
    machine = type("Run", (Restarts,), {"root": tmp_path}).TestCase
    machine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
    machine("runTest").runTest()


def fleet(revision: int = 1, token: int = 1) -> object:
    wanted = SimpleNamespace(revision=revision, fencing_token=token)
    return SimpleNamespace(names=("loans",), find=lambda name: SimpleNamespace(wanted=wanted))


def keep(ledger: Ledger, folder: Path) -> None:
    Counts(folder).save(ledger.changed())


def restored(folder: Path, watch: Watch, **wanted: int) -> Ledger:
    ledger = Ledger(watch)
    Keeper(ledger, fleet(**wanted), Counts(folder)).restore()
    return ledger


def test_time_is_summed_over_restarts_and_crashes_are_told(
    ledger: Ledger, watch: Watch, tmp_path: Path
) -> None:
    ledger.answered(predicted())
    watch.now += 4
    keep(ledger, tmp_path)
    watch.now = 50.0  # another boot: the clock began anew
    again = restored(tmp_path, watch)
    watch.now += 2
    seen = again.evidence("loans", 1)
    assert (seen.seconds, seen.interruptions, seen.tallies[0].requests) == (6, 1, 1)
    keep(again, tmp_path)
    Counts(tmp_path).close()
    assert restored(tmp_path, watch).evidence("loans", 1).interruptions == 1
    assert restored(tmp_path, watch).evidence("loans", 1).interruptions == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-40],
        lambda text: text.replace('"revision":1', '"revision":7'),
        lambda text: text.replace('"requests":1', '"requests":-1'),
        lambda text: text.replace('"errors":0', '"errors":2'),
        lambda text: text.replace('"latency":[0,', '"latency":['),
        lambda text: text.replace('"format":1', '"format":99'),
        lambda text: text.replace('"token":1', '"token":"x"'),
    ],
)
def test_a_damaged_file_is_set_aside_said_and_costs_only_itself(
    ledger: Ledger, watch: Watch, tmp_path: Path, damage: object
) -> None:
    ledger.answered(predicted(asked(revision=1), nth=1))
    ledger.answered(predicted(asked(revision=2), nth=1))
    keep(ledger, tmp_path)
    path = tmp_path / "loans" / "1.json"
    before = path.read_text()
    path.write_text(damage(before))
    assert path.read_text() != before
    found = Counts(tmp_path).load()
    assert [one.evidence.revision for one in found.kept] == [2]
    (problem,) = found.problems
    assert "1.json cannot be read" in problem
    assert (tmp_path / "loans" / "1.json.corrupt-1").exists()
    again = Ledger(watch)
    again.restore(found.kept, found.lost)
    again.answered(predicted(asked(revision=1)))
    seen = again.evidence("loans", 1)
    assert (seen.tallies[0].requests, seen.interruptions) == (1, 1)


def test_forgotten_revisions_leave_the_disk(ledger: Ledger, tmp_path: Path) -> None:
    for revision in range(1, REVISIONS + 2):
        ledger.answered(predicted(asked(revision=revision)))
    keep(ledger, tmp_path)
    Counts(tmp_path).remove(ledger.prune())
    assert len(Counts(tmp_path).load().kept) == REVISIONS
    assert not (tmp_path / "loans" / "1.json").exists()
