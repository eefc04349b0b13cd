"""All endpoints of a daemon: admitted, kept, brought back, observed, stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from include import logs
from include.errors import ServingUnavailable
from include.serving.faults import UnknownEndpoint
from include.serving.fencing import admit
from include.serving.hosted import HostedEndpoint
from include.serving.process import ServerProcess, strays

if TYPE_CHECKING:
    from include.serving.desired import DesiredStates
    from include.serving.endpoint import Endpoint, Observation
    from include.serving.hosted import Addresses
    from include.serving.replica import Ground
    from include.serving.servers import ServerRecord

_GREET_SECONDS, _GREET_STEP = 1.0, 0.02
_Found = list[tuple["ServerRecord", ServerProcess]]


class Fleet:
    """The endpoints of one daemon."""

    def __init__(self, ground: Ground, addresses: Addresses, states: DesiredStates) -> None:
        self._ground, self._addresses, self._states = ground, addresses, states
        self._endpoints: dict[str, HostedEndpoint] = {}
        self._lock = asyncio.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The endpoints, sorted."""
        return tuple(sorted(self._endpoints))

    def find(self, name: str) -> HostedEndpoint | None:
        """Return an endpoint, or None where nobody ever applied it."""
        return self._endpoints.get(name)

    def observe(self, name: str) -> Observation:
        """Return what is there of an endpoint now.

        Raises:
            UnknownEndpoint: no such endpoint.
        """
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            known = ", ".join(self.names) or "none yet"
            raise UnknownEndpoint("no such endpoint", value=name, remedy=f"Known: {known}")
        return endpoint.observe()

    async def apply(self, wanted: Endpoint) -> Observation:
        """Keep a wanted state and head for it.

        Raises:
            FencedOut: a newer token has been seen.
            Conflict: the revision is older, or taken by another content.
            BadInput: a package lies outside the store.
            ServingUnavailable: the state could not be written to the disk; nothing changed.
        """
        for variant in wanted.variants:
            self._ground.packages.check(variant.package_uri)
        async with self._lock:
            present = self._endpoints.get(wanted.name)
            if admit(present.wanted if present else None, wanted):
                await self._keep(wanted)
                self._head_for(wanted)
        return self.observe(wanted.name)

    async def _keep(self, wanted: Endpoint) -> None:
        try:
            await asyncio.to_thread(self._states.save, wanted)
        except OSError as refused:
            raise ServingUnavailable(
                f"the wanted state cannot be kept: {refused}",
                where=f"endpoint {wanted.name}",
                remedy="Is the disk full? Nothing was changed; apply it again",
            ) from refused

    def _head_for(self, wanted: Endpoint) -> None:
        present = self._endpoints.get(wanted.name)
        if present is None:
            present = HostedEndpoint(self._ground, self._addresses, wanted)
            self._endpoints[wanted.name] = present
        present.want(wanted)
        logs.get("serving").info(
            "endpoint_applied",
            endpoint=wanted.name,
            revision=wanted.revision,
            fencing_token=wanted.fencing_token,
            weights={variant.name: variant.weight for variant in wanted.variants},
        )

    async def restore(self) -> None:
        """Bring back the wanted states, adopt running servers, and end those nobody wants."""
        restored = await asyncio.to_thread(self._states.load)
        for problem in restored.problems:
            logs.get("serving").error("state_set_aside", problem=problem)
        found, unwanted = await asyncio.to_thread(self._survey, restored.endpoints)
        for endpoint in restored.endpoints:
            hosted = HostedEndpoint(self._ground, self._addresses, endpoint)
            self._endpoints[endpoint.name] = hosted
            hosted.adopt(found[endpoint.name])
            adopted = [record.replica for record, _ in found[endpoint.name]]
            logs.get("serving").info("endpoint_restored", endpoint=endpoint.name, adopted=adopted)
        for running in unwanted:
            logs.get("serving").warning("stray_server_ended", pid=running.pid)
            running.kill()
        await self._greet([name for name, servers in found.items() if servers])

    async def _greet(self, names: list[str]) -> None:
        """Wait a moment until adopted servers are known to answer; callers queue at the socket."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _GREET_SECONDS
        while loop.time() < deadline:
            if all(self._endpoints[name].foremost() is not None for name in names):
                return
            await asyncio.sleep(_GREET_STEP)

    def _survey(
        self, endpoints: tuple[Endpoint, ...]
    ) -> tuple[dict[str, _Found], list[ServerProcess]]:
        found: dict[str, _Found] = {endpoint.name: [] for endpoint in endpoints}
        unwanted: list[ServerProcess] = []
        known: set[int] = set()
        for record in self._ground.records.load():
            running = ServerProcess.adopt(record)
            if running is None:
                self._forget(record)
            elif record.endpoint in found:
                found[record.endpoint].append((record, running))
                known.add(running.pid)
            else:
                unwanted.append(running)
                self._forget(record)
        unwanted += strays(self._ground.folder, frozenset(known | {one.pid for one in unwanted}))
        return found, unwanted

    def _forget(self, record: ServerRecord) -> None:
        self._ground.records.drop(record.replica)
        self._ground.records.release(record.replica)

    async def stop(self) -> None:
        """End all model servers."""
        await asyncio.gather(*(endpoint.stop() for endpoint in self._endpoints.values()))
