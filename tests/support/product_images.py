"""The images that users run, built from these sources for the cluster of tests."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from include import digest
from include.embedded import images
from include.embedded.home import home
from tests.support import cluster as clusters

if TYPE_CHECKING:
    from include.embedded.images import Image
    from tests.support.cluster import Cluster

PREFIX = "airworthy.test/"


def product(cluster: Cluster, name: str) -> str:
    """Return the reference of an image of ``make images``, built where the cluster lacks it.

    A cluster that is not the script's finds it under ``AIRWORTHY_TEST_IMAGES``, tagged with the
    version.
    """
    (image,) = images.chosen(name)
    elsewhere = os.environ.get("AIRWORTHY_TEST_IMAGES")
    if elsewhere:
        return images.asked([f"--prefix={elsewhere}", f"--only={name}"]).reference(image)
    arguments = [f"--prefix={PREFIX}", f"--only={name}", f"--tag={_content(image)}"]
    order = images.asked(arguments)
    if order.reference(image) not in clusters.loaded(cluster):
        script = {**os.environ, "AIRWORTHY_BUILDER": str(clusters.script("build-image"))}
        images.build(order, images.builder(script), lambda _: None)
    return order.reference(image)


def _content(image: Image) -> str:
    recipe = image.dockerfile.read_bytes()
    locks = (images.REPOSITORY / "requirements").glob("*.txt")
    used = [path.read_bytes() for path in sorted(locks) if path.name.encode() in recipe]
    return digest.of_bytes(b"\0".join([recipe, _wheel(), *used]))[:12]


@cache
def _wheel() -> bytes:
    return images.wheel(home().bootstrap).read_bytes()
