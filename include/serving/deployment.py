"""One version of an endpoint's model on its replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.serving.endpoint import Health
from include.serving.replica import Build, Replica

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.serving.endpoint import Variant
    from include.serving.process import ServerProcess
    from include.serving.replica import Ground
    from include.serving.servers import ServerRecord


class Deployment:
    """The replicas of one build. It has a variant's name while it serves that variant."""

    def __init__(self, ground: Ground, build: Build, changed: Callable[[], None]) -> None:
        self.build = build
        self.variant = ""
        self.replicas: list[Replica] = []
        self._ground = ground
        self._changed = changed

    def serves(self, variant: Variant) -> bool:
        """Say whether this is the build that a variant wants."""
        return (self.build.version, self.build.package_digest) == (
            variant.version,
            variant.package_digest,
        )

    @property
    def able(self) -> list[Replica]:
        """The replicas that can answer now."""
        return [replica for replica in self.replicas if replica.ready]

    @property
    def complete(self) -> bool:
        """Whether every replica can answer."""
        return all(replica.ready for replica in self.replicas)

    @property
    def restarts(self) -> int:
        """Starts after the first, of all replicas."""
        return sum(replica.restarts for replica in self.replicas)

    @property
    def health(self) -> Health:
        """Ready while one replica answers; starting only as long as none has failed."""
        if not self.replicas:
            return Health.STOPPED
        if self.able:
            return Health.READY
        failed = any(replica.health is Health.UNHEALTHY for replica in self.replicas)
        return Health.UNHEALTHY if failed or self.restarts else Health.STARTING

    @property
    def message(self) -> str:
        """What people should know about it, in one line."""
        said = (
            one for replica in self.replicas for one in (replica.message, replica.streak.message)
        )
        told = [one for one in said if one]
        if self.able and not self.complete:
            told.insert(0, f"{len(self.able)} of {len(self.replicas)} replicas answer")
        return "; ".join(dict.fromkeys(told))

    def pick(self, avoid: Replica | None = None) -> Replica | None:
        """Return the ready replica with the fewest requests in flight, another one if possible."""
        able = self.able
        others = [replica for replica in able if replica is not avoid] or able
        return min(others, key=lambda replica: replica.in_flight, default=None)

    def take_up(self, record: ServerRecord, running: ServerProcess) -> None:
        """Adopt a model server that an earlier daemon started."""
        replica = Replica(self._ground, self.build, record.replica, self._changed)
        replica.variant = record.variant
        replica.start(running, record.port)
        self.replicas.append(replica)

    def shape(self, variant: str, replicas: int) -> list[Replica]:
        """Serve ``variant`` with so many replicas; return those that are no longer needed."""
        self.variant = variant
        self.replicas.sort(key=lambda replica: not replica.ready)
        surplus = self.replicas[replicas:]
        del self.replicas[replicas:]
        for replica in self.replicas:
            replica.variant = variant
        while len(self.replicas) < replicas:
            self._add()
        return surplus

    async def record(self) -> None:
        """Note all running servers on disk under the variant that they serve now."""
        for replica in tuple(self.replicas):
            await replica.record()

    def _add(self) -> None:
        build = self.build
        name = self._ground.records.reserve(f"{build.endpoint}/{self.variant}-{build.version}")
        replica = Replica(self._ground, build, name, self._changed)
        replica.variant = self.variant
        self.replicas.append(replica)
        replica.start()
