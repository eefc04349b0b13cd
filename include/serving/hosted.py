"""One endpoint: its wanted state, the deployments that bring it about, and who may answer now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.serving.background import Background
from include.serving.choice import Samples, Share, Turns, sampled, sticky
from include.serving.deployment import Deployment
from include.serving.endpoint import Health, Observation, VariantState
from include.serving.remarks import Standing, remark
from include.serving.replica import Build, Ground

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.serving.endpoint import Endpoint, Variant
    from include.serving.process import ServerProcess
    from include.serving.replica import Replica
    from include.serving.servers import ServerRecord


@dataclass(frozen=True)
class Addresses:
    """Where the daemon answers: base URLs without a slash at the end."""

    admin: str
    router: str


@dataclass
class Slot:
    """A variant by name: the deployment that serves it, and the one that is to follow."""

    wanted: Variant
    current: Deployment
    incoming: Deployment | None = None

    @property
    def newest(self) -> Deployment:
        """The deployment of the wanted version."""
        return self.incoming or self.current

    @property
    def message(self) -> str:
        """What people should know about it, in one line."""
        message = self.newest.message
        if self.incoming is None:
            return message
        version = self.newest.build.version
        still = f"{self.current.build.version} answers until {version} is ready"
        return f"{still}; {message}" if message else still

    def turn(self) -> Deployment | None:
        """Switch to the incoming deployment if it is time; return the one that is over."""
        if self.incoming is None:
            return None
        better = bool(self.incoming.able) and not self.current.able
        if not (better or self.incoming.complete):
            return None
        over, self.current, self.incoming = self.current, self.incoming, None
        return over


class HostedEndpoint:
    """Brings one endpoint to its wanted state and knows who may answer a request."""

    def __init__(self, ground: Ground, addresses: Addresses, wanted: Endpoint) -> None:
        self.wanted = wanted
        self._ground, self._addresses = ground, addresses
        self._slots: dict[str, Slot] = {}
        self._turns, self._samples = Turns(), Samples()
        self._retiring: set[Replica] = set()
        self._background = Background()
        self._shares: tuple[Share, ...] = ()
        self._mirrors: tuple[Share, ...] = ()
        self._closed = False

    def adopt(self, found: Iterable[tuple[ServerRecord, ServerProcess]]) -> None:
        """Head for the wanted state from what an earlier daemon left running."""
        deployments: dict[tuple[str, str, str], Deployment] = {}
        for record, running in found:
            build = Build(
                record.endpoint, record.version, record.package_uri, record.package_digest
            )
            key = (record.variant, record.version, record.package_digest)
            deployment = deployments.setdefault(key, self._deployment(build))
            deployment.variant = record.variant
            deployment.take_up(record, running)
        self._arrange(list(deployments.values()))

    def want(self, endpoint: Endpoint) -> None:
        """Head for another state; returns at once."""
        if _split(endpoint) != _split(self.wanted):
            self._turns.restart()
            self._samples.restart()
        self.wanted = endpoint
        pool = [slot.current for slot in self._slots.values()]
        pool += [slot.incoming for slot in self._slots.values() if slot.incoming]
        self._arrange(pool)

    def choose(self, unit: str) -> str | None:
        """Return the variant for a request, or None where no weighted variant can answer."""
        shares = self._shares
        if not shares:
            return None
        if len(shares) == 1:
            return shares[0].name
        return sticky(self.wanted.name, unit, shares) if unit else self._turns.take(shares)

    def shadows(self, unit: str) -> tuple[Deployment, ...]:
        """Return who gets a copy of a request: the ready shadows whose turn it is."""
        mirrors = self._mirrors
        if not mirrors:
            return ()
        take = self._samples.take
        names = sampled(self.wanted.name, unit, mirrors) if unit else take(mirrors)
        return tuple(self._slots[name].newest for name in names)

    def foremost(self, *, without: str = "") -> str | None:
        """Return the variant with the largest share, or None where nobody can answer."""
        others = [share for share in self._shares if share.name != without]
        return max(others, key=lambda share: share.weight).name if others else None

    def deployment(self, variant: str) -> Deployment | None:
        """Return what answers for a variant now."""
        slot = self._slots.get(variant)
        return slot.current if slot else None

    def newest(self, variant: str) -> Deployment | None:
        """Return the deployment of a variant's wanted version, whoever answers for it now."""
        slot = self._slots.get(variant)
        return slot.newest if slot else None

    def observe(self) -> Observation:
        """Return what is there now."""
        return Observation(
            name=self.wanted.name,
            revision=self.wanted.revision,
            fencing_token=self.wanted.fencing_token,
            url=f"{self._addresses.router}/v2/models/{self.wanted.name}",
            variants=self._states(),
        )

    async def stop(self) -> None:
        """End all model servers, those that are still draining too."""
        self._closed = True
        timings = self._ground.timings
        drain, end = min(1.0, timings.drain_within), timings.stop_within
        await asyncio.gather(*(one.stop(drain, end) for one in {*self.replicas, *self._retiring}))

    @property
    def replicas(self) -> tuple[Replica, ...]:
        """The replicas of all deployments that are wanted or still answer."""
        slots = self._slots.values()
        deployments = [slot.current for slot in slots]
        deployments += [slot.incoming for slot in slots if slot.incoming]
        return tuple(replica for one in deployments for replica in one.replicas)

    def settle(self) -> None:
        """Take note that a replica became ready, or is no longer."""
        if self._closed:
            return
        for slot in self._slots.values():
            if (over := slot.turn()) is not None:
                self._retire(over.replicas)
        self._shares = tuple(
            Share(variant.name, variant.weight)
            for variant in self.wanted.variants
            if variant.weight and self._slots[variant.name].current.able
        )
        self._mirrors = tuple(
            Share(variant.name, variant.mirror)
            for variant in self.wanted.variants
            if variant.mirror and self._slots[variant.name].newest.able
        )

    def _arrange(self, pool: list[Deployment]) -> None:
        """Give every wanted variant a deployment, from ``pool`` where one fits; retire the rest.

        A promotion renames the candidate's deployment to the stable variant: nothing is started
        and nobody waits.
        """
        chosen = self._claim(pool)
        left = [deployment for deployment in pool if deployment not in chosen.values()]
        slots: dict[str, Slot] = {}
        for variant in self.wanted.variants:
            newest = chosen.get(variant.name) or self._deployment(_build(self.wanted.name, variant))
            self._shape(newest, variant)
            same = (one for one in left if one.variant == variant.name and one.replicas)
            former = None if newest.able else max(same, key=lambda one: len(one.able), default=None)
            if former is None:
                slots[variant.name] = Slot(variant, newest)
            else:
                left.remove(former)
                slots[variant.name] = Slot(variant, former, newest)
        self._slots = slots
        for deployment in left:
            self._retire(deployment.replicas)
        self.settle()

    def _claim(self, pool: list[Deployment]) -> dict[str, Deployment]:
        """Return the deployments that already have the build that a variant wants, by variant.

        A deployment changes its variant only where that leaves no variant without an answer: in a
        rollback from stable 2 to stable 1 with candidate 2, stable keeps 2 until 1 is ready.
        """
        moved = self._match(pool, across=True)
        return moved if self._all_answer(pool, moved) else self._match(pool, across=False)

    def _match(self, pool: list[Deployment], *, across: bool) -> dict[str, Deployment]:
        free = list(pool)
        chosen: dict[str, Deployment] = {}
        for same_name in (True, False) if across else (True,):
            for variant in self.wanted.variants:
                fitting = (
                    one
                    for one in free
                    if one.serves(variant) and (one.variant == variant.name or not same_name)
                )
                if variant.name not in chosen and (found := next(fitting, None)) is not None:
                    free.remove(found)
                    chosen[variant.name] = found
        return chosen

    def _all_answer(self, pool: list[Deployment], chosen: dict[str, Deployment]) -> bool:
        """Say whether every variant that answers now would go on answering."""
        now = {one.variant for one in pool if one.able}
        taken = list(chosen.values())
        kept = {one.variant for one in pool if one.able and one not in taken}
        kept |= {name for name, one in chosen.items() if one.able}
        return now & {variant.name for variant in self.wanted.variants} <= kept

    def _deployment(self, build: Build) -> Deployment:
        return Deployment(self._ground, build, self.settle)

    def _shape(self, deployment: Deployment, variant: Variant) -> None:
        renamed = deployment.variant != variant.name
        surplus = deployment.shape(variant.name, variant.replicas)
        if surplus:
            self._retire(surplus)
        if renamed:
            self._background.run(deployment.record())

    def _retire(self, replicas: list[Replica]) -> None:
        for replica in replicas:
            self._retiring.add(replica)
            self._background.run(self._drain(replica))

    async def _drain(self, replica: Replica) -> None:
        timings = self._ground.timings
        await replica.stop(timings.drain_within, timings.end_within)
        self._retiring.discard(replica)

    def _states(self) -> tuple[VariantState, ...]:
        slots = [self._slots[variant.name] for variant in self.wanted.variants]
        standings = [Standing(one.wanted, bool(one.current.able), one.message) for one in slots]
        return tuple(
            self._state(slot, remark(standing, standings))
            for slot, standing in zip(slots, standings, strict=True)
        )

    def _state(self, slot: Slot, message: str) -> VariantState:
        newest = slot.newest
        in_effect = slot.incoming is None and newest.health is Health.READY
        base = f"{self._addresses.admin}/endpoints/{self.wanted.name}"
        return VariantState(
            name=slot.wanted.name,
            version=slot.wanted.version,
            weight=slot.wanted.weight if in_effect else 0,
            health=newest.health,
            url=f"{base}/variants/{slot.wanted.name}/infer",
            restarts=newest.restarts,
            message=message,
        )


def _build(endpoint: str, variant: Variant) -> Build:
    return Build(endpoint, variant.version, variant.package_uri, variant.package_digest)


def _split(endpoint: Endpoint) -> list[tuple[str, int, int]]:
    return [(variant.name, variant.weight, variant.mirror) for variant in endpoint.variants]
