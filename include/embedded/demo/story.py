"""The demo's story: four acts, each with its own deadline, each told in the summary."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from include import settings
from include.embedded.demo import request, summary, training
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
    from include.spec.model import Spec

MODEL = "mortgage_approval"
GOOD, DAMAGED, BROKEN = "2026q3", "2026q3_damaged", "2026q3_broken"


@dataclass
class Notes:
    """What the story collects while it is told."""

    phases: list[summary.Phase] = field(default_factory=list)
    trainings: list[summary.TrainingTold] = field(default_factory=list)
    releases: list[summary.ReleaseTold] = field(default_factory=list)
    prediction: summary.AnswerTold | None = None
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
        trainer = Trainer(MODEL, everyone.operator, progress, logs)
        releaser = Releaser(
            model=MODEL,
            endpoint=spec.release.endpoint,
            people=everyone,
            progress=progress,
            logs=logs,
            since=started,
        )
        with self.notes.phase("1  a good batch becomes a version", progress):
            good = self._train(trainer, GOOD)
            training.require_registered(good)
        with self.notes.phase("2  the version goes live", progress):
            self._release(releaser, good.version)
            self.notes.seconds_to_live = round(progress.elapsed(), 1)
        with self.notes.phase("3  the endpoint answers", progress):
            self._predict(spec)
        with self.notes.phase("4  a damaged batch is quarantined", progress):
            damaged = self._train(trainer, DAMAGED)
            training.require_quarantined(damaged)
        with self.notes.phase("5  a broken batch is stopped", progress):
            training.require_stopped(self._train(trainer, BROKEN))
        if damaged.version and damaged.version != good.version:
            with self.notes.phase("6  the second version is released", progress):
                self._release(releaser, damaged.version)

    def _train(self, trainer: Trainer, partition: str) -> summary.TrainingTold:
        run = trainer.train(partition)
        self.notes.trainings.append(run)
        self.progress.event(run.reason)
        for one in run.rules:
            self.progress.event(f"  {one.rule}: {one.rows} row(s), for example: {one.example}")
        for alert in run.alerts:
            self.progress.event(f"  alert: {alert.title} [{'; '.join(alert.deliveries)}]")
        return run

    def _release(self, releaser: Releaser, version: str) -> None:
        release = releaser.release(version)
        self.notes.releases.append(release)
        self.progress.event(f"version {version}: {release.reason}")

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
            addresses=(self.ports.airflow_url, self.ports.router_url),
            failures=tuple(notes.failures),
        )
