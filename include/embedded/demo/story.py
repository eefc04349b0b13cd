"""The demo's story: its acts, each with its own deadline, each told in the summary."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from include import settings
from include.client.messages.rollouts import RolloutState
from include.embedded.demo import harm, request, summary, training
from include.embedded.demo.answers import Answerer
from include.embedded.demo.outside import Outside
from include.embedded.demo.people import people
from include.embedded.demo.release import Releaser
from include.embedded.demo.training import Trainer
from include.embedded.home import REPOSITORY
from include.errors import AirworthyError
from include.spec import compiled
from include.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.embedded.demo.people import People
    from include.embedded.demo.progress import Progress
    from include.embedded.home import Home
    from include.embedded.ports import Ports
    from include.replay.tally import ReplaySummary
    from include.spec.model import Spec

MODEL = "mortgage_approval"
GOOD, DAMAGED, BROKEN = "2026q3", "2026q3_damaged", "2026q3_broken"
MISLABELLED = "2026q4_mislabelled"
TOO_FEW = (
    "No gate failed. Where one is inconclusive, this window has too few rows of a group for a "
    "narrower interval: accepted for the demo, to be judged again with more."
)
ON_PURPOSE = "Let through on purpose: the release has to notice it, and to stop it."


@dataclass
class Notes:
    """What the story collects while it is told."""

    phases: list[summary.Phase] = field(default_factory=list)
    trainings: list[summary.TrainingTold] = field(default_factory=list)
    releases: list[summary.ReleaseTold] = field(default_factory=list)
    prediction: summary.AnswerTold | None = None
    harm: summary.HarmTold | None = None
    traffic: ReplaySummary | None = None
    seconds_to_live: float | None = None
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str, progress: Progress) -> Iterator[None]:
        """Time a part of the story; a failure in it is noted and ends the story."""
        progress.act(name)
        began = time.monotonic()
        try:
            yield
        except AirworthyError as cause:
            self.failures.append(f"{name}: {cause}")
            raise
        finally:
            self.phases.append(summary.Phase(name=name, seconds=round(time.monotonic() - began, 1)))


@dataclass(frozen=True)
class Story:
    """The demo.

    Attributes:
        start: Makes the data arrive and brings the suite up.
    """

    home: Home
    ports: Ports
    progress: Progress
    start: Callable[[], None]
    notes: Notes = field(default_factory=Notes)

    def tell(self) -> summary.Summary:
        """Tell the story as far as it goes, and return what happened; never raises an own error."""
        started = datetime.now(UTC)
        try:
            with self.notes.phase("0  the suite starts", self.progress):
                self.start()
            with people(self.home, self.ports) as everyone:
                self._acts(everyone, started)
        except AirworthyError as cause:
            if not self.notes.failures:
                self.notes.failures.append(str(cause))
        return self._summary(started)

    def _acts(self, everyone: People, started: datetime) -> None:
        spec = self._spec()
        logs, progress = str(self.home.logs), self.progress
        answerer = Answerer(everyone.approver, progress)
        outside = Outside(self.home, spec, self.ports.router_url, progress)
        trainer = Trainer(MODEL, everyone.operator, answerer, progress, logs)
        releaser = Releaser(
            MODEL, everyone.operator, answerer, outside, progress, logs=logs, since=started
        )
        try:
            self._first_version(trainer, releaser, spec)
            self._second_version(trainer, releaser)
            with self.notes.phase("6  a broken batch is stopped", progress):
                training.require_stopped(self._train(trainer, BROKEN))
            stopped = self._harmful_version(trainer, releaser)
        finally:
            self.notes.traffic = outside.end()
        with self.notes.phase("9  what callers noticed", progress):
            live = releaser.live(spec.release.endpoint)
            self.notes.harm = harm.harm(stopped, live, self.notes.traffic)
            self._check_traffic()

    def _first_version(self, trainer: Trainer, releaser: Releaser, spec: Spec) -> None:
        with self.notes.phase("1  a good batch becomes a version", self.progress):
            good = self._train(trainer, GOOD, insist=TOO_FEW)
            training.require_registered(good)
        with self.notes.phase("2  the version goes live", self.progress):
            self._release(releaser, good.version)
            self.notes.seconds_to_live = round(self.progress.elapsed(), 1)
        with self.notes.phase("3  the endpoint answers", self.progress):
            self._predict(spec)

    def _second_version(self, trainer: Trainer, releaser: Releaser) -> None:
        with self.notes.phase("4  a damaged batch is quarantined", self.progress):
            damaged = self._train(trainer, DAMAGED, insist=TOO_FEW)
            training.require_quarantined(damaged)
            training.require_registered(damaged)
        with self.notes.phase("5  its version takes over in stages", self.progress):
            self._release(releaser, damaged.version)

    def _harmful_version(self, trainer: Trainer, releaser: Releaser) -> summary.ReleaseTold:
        with self.notes.phase("7  wrong labels fail the gates; a person insists", self.progress):
            wrong = self._train(trainer, MISLABELLED, insist=ON_PURPOSE)
            training.require_overridden(wrong)
        with self.notes.phase("8  the harmful version is rolled back", self.progress):
            return self._release(releaser, wrong.version, RolloutState.ROLLED_BACK)

    def _check_traffic(self) -> None:
        traffic = self.notes.traffic
        if traffic is None or not traffic.is_clean:
            told = traffic.failures if traffic else "no request was sent"
            raise training.Unexpected("callers noticed something", value=told)

    def _train(self, trainer: Trainer, partition: str, *, insist: str = "") -> summary.TrainingTold:
        run = trainer.train(partition, insist=insist)
        self.notes.trainings.append(run)
        self.progress.event(run.reason)
        for one in run.rules:
            self.progress.event(f"  {one.rule}: {one.rows} row(s), for example: {one.example}")
        if run.override:
            told = run.override
            self.progress.event(f"  let in by {told.by}, asked by {told.asked_by}: {told.reason}")
        for alert in run.alerts:
            self.progress.event(f"  alert: {alert.title} [{'; '.join(alert.deliveries)}]")
        return run

    def _release(
        self,
        releaser: Releaser,
        version: str,
        expected: RolloutState = RolloutState.PROMOTED,
    ) -> summary.ReleaseTold:
        release = releaser.release(version, expected)
        self.notes.releases.append(release)
        self.progress.event(f"version {version} {release.state}: {release.reason}")
        return release

    def _predict(self, spec: Spec) -> None:
        url = f"{self.ports.router_url}/v2/models/{spec.release.endpoint}/infer"
        arrivals = settings.read().arrivals.rstrip("/")
        uri = spec.data.source.uri.format(arrivals=arrivals, partition=GOOD)
        answer = request.ask(url, request.body(spec, open_store().read(uri)))
        self.notes.prediction = answer
        self.progress.event(f"{answer.client} {url}")
        self.progress.event(f"  {answer.outputs} in {answer.milliseconds:.0f} ms")

    def _spec(self) -> Spec:
        path = Path(REPOSITORY) / "dags" / "compiled" / f"{MODEL}.json"
        return compiled.read(path, environment=settings.read().environment).spec

    def _summary(self, started: datetime) -> summary.Summary:
        notes = self.notes
        return summary.Summary(
            is_complete=not notes.failures,
            started_at=started.isoformat(timespec="seconds"),
            seconds=round(self.progress.elapsed(), 1),
            seconds_to_live=notes.seconds_to_live,
            phases=tuple(notes.phases),
            trainings=tuple(notes.trainings),
            releases=tuple(notes.releases),
            prediction=notes.prediction,
            harm=notes.harm,
            traffic=notes.traffic,
            addresses=(self.ports.airflow_url, self.ports.router_url),
            failures=tuple(notes.failures),
        )
