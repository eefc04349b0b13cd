"""The serving driver of a Kubernetes with KServe: InferenceServices in Standard mode.

Nothing is kept here. What is wanted and what was written stand on the InferenceService; a call
reads it, does the next steps towards what is wanted (``recipes``), and returns. So whoever was
killed is followed by whoever calls next.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from include.errors import BadInput, Conflict, ServingUnavailable
from include.serving.documents import EndpointDocument
from include.serving.endpoint import Observation
from include.serving.faults import UnknownEndpoint
from include.serving.fencing import admit
from include.serving.kserve import edits, naming, reading
from include.serving.kserve.cluster import SERVICES, Outdated, collection
from include.serving.kserve.objects import InferenceServices, read
from include.serving.kserve.phases import watched
from include.serving.kserve.records import MODEL, WANTED, recorded
from include.serving.kserve.scene import look
from include.serving.kserve.smoking import smoke
from include.serving.kserve.standing import standing_of
from include.serving.kserve.writing import Progress, Writer

if TYPE_CHECKING:
    from include.evidence.tally import Evidence
    from include.serving.endpoint import Endpoint, EvidenceSource, ServingDriver, SmokeAnswer
    from include.serving.kserve.cluster import Cluster
    from include.serving.kserve.installation import Installation
    from include.serving.kserve.ledger import Manifests
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.standing import Standing
    from include.serving.prometheus.phases import Phase, Phases


class KServeDriver:
    """Brings InferenceServices to their wanted state.

    Args:
        cluster: The API server.
        installation: Where the InferenceServices are, and what serves them.
        source: Who counts what the variants do; None where nobody does.
        manifests: Where the manifest of each step is kept; None for nowhere.
    """

    def __init__(
        self,
        cluster: Cluster,
        installation: Installation,
        source: EvidenceSource | None = None,
        manifests: Manifests | None = None,
    ) -> None:
        self._cluster = cluster
        self._installation = installation
        self._source = source
        self._writer = Writer(cluster, installation, manifests)

    def apply(self, endpoint: Endpoint) -> Observation:
        """Want this state from now on, and do what can be done towards it at once.

        Pods are not waited for. Where a variant leaves, or becomes the stable one, the routes are,
        for seconds: whoever asks for that may not look again. What is there meanwhile is safe, and
        the same call goes on with it.

        Raises:
            FencedOut: a newer token has been seen for this endpoint.
            Conflict: the revision is older, taken by another content, or made without the
                knowledge of what somebody else did to the endpoint.
            BadInput: KServe cannot be what is wanted, or refuses it.
            Forbidden: a right is missing.
            ServingUnavailable: the API server does not answer, or the routes did not follow yet.
        """
        wanted = _checked(endpoint)
        deadline = time.monotonic() + self._installation.patience_seconds
        while (progress := self._proceed(wanted)).is_written or progress.wait:
            if progress.is_written:
                continue
            if time.monotonic() >= deadline:
                raise ServingUnavailable(
                    f"not there yet: {progress.wait}",
                    where=f"endpoint {wanted.name}",
                    remedy="What is there is safe; the same call goes on with it",
                )
            time.sleep(self._installation.poll_seconds)
        return self._seen(wanted)

    def preflight(self, endpoint: Endpoint) -> None:
        """Refuse what can never be there, before anything is changed for it.

        Raises:
            BadInput: KServe cannot be what is wanted.
        """
        standing = standing_of(self._look(endpoint.name))
        self._writer.check_possible(standing, _checked(endpoint))

    def observe(self, name: str) -> Observation:
        """Return what is there now; changes nothing.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the API server does not answer.
        """
        scene = self._look(name)
        try:
            standing = self._known(scene, name)
        except Conflict as changed:
            return Observation(name, 0, 0, "", (), foreign=changed.what)
        record, shape = standing.record, standing.written
        left = self._writer.left(scene, standing)
        seen = reading.observed(scene, record.wanted, shape, left)
        if not standing.foreign:
            return seen
        return replace(seen, revision=edits.foreign_revision(record), foreign=standing.foreign)

    async def observe_async(self, name: str) -> Observation:
        """Return what is there now, without blocking the event loop. Raises as `observe`."""
        return await asyncio.to_thread(self.observe, name)

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: nobody counts, or who does did not answer.
        """
        if self._source is None:
            raise ServingUnavailable(
                "nobody counts the requests",
                where=f"endpoint {name}",
                remedy="Name a source of evidence in the extra of the serving connection",
            )
        return await self._source.evidence(name, revision)

    async def phase(self, name: str, revision: int) -> Phase | None:
        """Return a revision as it is watched; None where it is another one, or not there yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the API server does not answer.
        """
        return await asyncio.to_thread(self._phase, name, revision)

    def endpoints(self) -> tuple[str, ...]:
        """Return the names of all endpoints of the namespace.

        Raises:
            ServingUnavailable: the API server does not answer.
        """
        path = collection(SERVICES, self._installation.namespace, "inferenceservices")
        labelled = read(InferenceServices, self._cluster.get(f"{path}?labelSelector={MODEL}"), path)
        records = (
            recorded(one.metadata.annotations, one.metadata.name)
            for one in labelled.items
            if WANTED in one.metadata.annotations
        )
        return tuple(sorted(record.wanted.name for record in records if record))

    def smoke(self, name: str, variant: str, request_json: str) -> SmokeAnswer:
        """Ask one variant, whatever its weight. An answer that is no success is an answer too.

        Raises:
            BadInput: no such endpoint or variant.
            ServingUnavailable: the API server does not answer, or nobody answers for the variant.
        """
        scene = self._look(name)
        standing = self._known(scene, name)
        return smoke(self._installation, scene, standing.written, variant, request_json)

    def close(self) -> None:
        """Close the connections."""
        self._cluster.close()

    def _phase(self, name: str, revision: int) -> Phase | None:
        scene = self._look(name)
        standing = self._known(scene, name)
        is_there = not (standing.foreign or self._writer.left(scene, standing))
        if standing.record.wanted.revision != revision or not is_there:
            return None
        return watched(scene, standing, self._installation.port)

    def _look(self, name: str) -> Scene:
        return look(self._cluster, self._installation.namespace, naming.service_name(name))

    def _known(self, scene: Scene, name: str) -> Standing:
        standing = standing_of(scene)
        if standing is None or standing.record.wanted.name != name:
            raise UnknownEndpoint("no such endpoint", where=scene.where, value=name)
        return standing

    def _seen(self, wanted: Endpoint) -> Observation:
        try:
            return self.observe(wanted.name)
        except UnknownEndpoint:
            if wanted.variants:
                raise
            return Observation(wanted.name, wanted.revision, wanted.fencing_token, "", ())

    def _proceed(self, wanted: Endpoint) -> Progress:
        scene = self._look(wanted.name)
        standing = standing_of(scene)
        try:
            if standing is None:
                return self._writer.begin(scene, wanted)
            _check_name(scene, standing, wanted)
            is_news = admit(standing.record.wanted, wanted)
            edits.check_admitted(standing.foreign, standing.record, wanted, scene.where)
            return self._writer.go_on(scene, standing, wanted, is_news=is_news)
        except Outdated:
            return Progress(wait="somebody else writes to it all the time")


def _check_name(scene: Scene, standing: Standing, wanted: Endpoint) -> None:
    other = standing.record.wanted.name
    if other != wanted.name:
        raise BadInput(
            f"endpoint {other} has the same name in Kubernetes",
            where=scene.where,
            value=wanted.name,
            remedy="Give one of the two another name",
        )


def _checked(endpoint: Endpoint) -> Endpoint:
    try:
        return EndpointDocument.of(endpoint).value()
    except ValidationError as wrong:
        told = "; ".join(error["msg"] for error in wrong.errors())
        raise BadInput(told, where=f"endpoint {endpoint.name}") from wrong


if TYPE_CHECKING:
    _proof: type[ServingDriver] = KServeDriver
    _phases: type[Phases] = KServeDriver
