"""Builds the container images with whatever builder is there: docker, podman, buildah or a script.

An image is the wheel, with the console's bundle in it, over a hashed lock; ``docker/*/Dockerfile``
are the recipes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.embedded.home import REPOSITORY
from include.errors import BadInput, InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KNOWN = ("docker", "podman", "buildah")
BASE = "python:3.11-slim-bookworm"
WHEELS = REPOSITORY / "dist"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}")


@dataclass(frozen=True)
class Image:
    """One image that is built.

    Attributes:
        name: What ``--only`` calls it.
        repository: Its name without the tag.
        target: Stage of the Dockerfile; empty for the last one.
        suffix: What its tag ends with.
    """

    name: str
    repository: str
    folder: str
    target: str = ""
    suffix: str = ""

    @property
    def dockerfile(self) -> Path:
        """The recipe."""
        return REPOSITORY / "docker" / self.folder / "Dockerfile"

    def reference(self, tag: str) -> str:
        """Return the image's name with a tag."""
        return f"{self.repository}:{tag}{self.suffix}"


IMAGES = (
    Image("control-plane", "airworthy-control-plane", "control-plane"),
    Image("serving", "airworthy-serving", "serving"),
    Image("steps-slim", "airworthy-steps", "steps", "slim"),
    Image("steps-full", "airworthy-steps", "steps", "full", "-full"),
    Image("airflow", "airworthy-airflow", "airflow"),
)


@dataclass(frozen=True)
class Order:
    """What is to be built, and of what.

    Attributes:
        images: In this order.
        tag: Of every image.
        base: Image that all stand on; better with its digest.
        prefix: Registry and path in front of the names, with its slash.
        version: Label of every image.
        revision: Label of every image: the commit.
    """

    images: tuple[Image, ...]
    tag: str
    base: str
    prefix: str
    version: str
    revision: str

    def reference(self, image: Image) -> str:
        """Return the whole name of an image of this order."""
        return f"{self.prefix}{image.reference(self.tag)}"


def asked(arguments: Sequence[str]) -> Order:
    """Return what the arguments of ``make images`` ask for.

    Raises:
        BadInput: an image, a tag or a base that cannot be.
    """
    version = _version()
    parser = argparse.ArgumentParser(prog="make images", allow_abbrev=False)
    parser.add_argument("--tag", default=version, help="tag of the images (default: the version)")
    parser.add_argument("--only", default="", help="names with commas between (default: all)")
    parser.add_argument("--base", default=BASE, help=f"image they stand on (default: {BASE})")
    parser.add_argument("--prefix", default="", help="registry and path, for example r.example/ml/")
    told = parser.parse_args(arguments)
    return Order(
        images=chosen(told.only),
        tag=tagged(told.tag),
        base=pinned(told.base),
        prefix=told.prefix,
        version=version,
        revision=revision(),
    )


def chosen(names: str) -> tuple[Image, ...]:
    """Return the images of a list of names with commas between; all for none.

    Raises:
        BadInput: there is no such image.
    """
    wanted = [name for name in names.split(",") if name]
    known = {image.name: image for image in IMAGES}
    strange = next((name for name in wanted if name not in known), None)
    if strange is not None:
        raise BadInput("no such image", value=strange, remedy=f"Known: {', '.join(known)}")
    return tuple(known[name] for name in wanted) or IMAGES


def pinned(base: str) -> str:
    """Return a base image, refused where it may be another one tomorrow.

    Raises:
        BadInput: it has no tag and no digest, or the tag ``latest``.
    """
    name, _, digest = base.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if not digest and tag in {"", "latest"}:
        remedy = f"Name a tag, or better a digest: {BASE}@sha256:..."
        raise BadInput("a base image without a fixed tag", value=base, remedy=remedy)
    return base


def tagged(tag: str) -> str:
    """Return a tag, refused where a cluster would not keep to it.

    Raises:
        BadInput: it is no tag, or ``latest``.
    """
    if not _TAG.fullmatch(tag) or tag == "latest":
        remedy = "A cluster pulls `latest` anew with each pod: use a version"
        raise BadInput("no tag for an image", value=tag, remedy=remedy)
    return tag


def builder(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return how a build's command begins: ``AIRWORTHY_BUILDER``, else what is on PATH.

    Raises:
        BadInput: no builder, or the one that is named is not there.
    """
    named = environ.get("AIRWORTHY_BUILDER", "")
    for name in (named,) if named else KNOWN:
        path = shutil.which(name, path=environ.get("PATH"))
        if path:
            return (path, "build") if Path(path).name in KNOWN else (path,)
        if Path(name).is_file():
            return ("bash", name)
    raise BadInput(
        "no builder of images",
        value=named or None,
        remedy=f"Install {', '.join(KNOWN)}, or name a program that takes -t, -f, --build-arg and "
        "--target like them: AIRWORTHY_BUILDER=/path/to/it",
    )


def command(image: Image, order: Order, begin: Sequence[str]) -> tuple[str, ...]:
    """Return the command that builds one image."""
    arguments = {
        "BASE_IMAGE": order.base,
        "REVISION": order.revision,
        "VERSION": order.version,
    }
    told = [word for pair in arguments.items() for word in ("--build-arg", "=".join(pair))]
    target = ("--target", image.target) if image.target else ()
    where = ("-t", order.reference(image), "-f", str(image.dockerfile))
    return (*begin, *where, *target, *told, str(REPOSITORY))


def wheel(python: Path) -> Path:
    """Build the wheel into ``dist/``, where nothing older remains, and return it.

    Raises:
        InfrastructureError: the build failed; its output precedes the message.
    """
    for old in WHEELS.glob("*.whl"):
        old.unlink()
    words = (str(python), "-m", "hatchling", "build", "-t", "wheel", "-d", str(WHEELS))
    done = subprocess.run(words, cwd=REPOSITORY, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise InfrastructureError("the wheel was not built", value=done.returncode)
    return next(WHEELS.glob("*.whl"))


def revision() -> str:
    """Return the commit of the sources, with a mark where they differ from it."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{commit}-changed" if commit and changed else commit or "unknown"


def build(order: Order, begin: Sequence[str], say: Callable[[str], None]) -> None:
    """Build every image of an order.

    Raises:
        InfrastructureError: a build failed; its output precedes the message.
    """
    for image in order.images:
        reference = order.reference(image)
        say(f"building {reference}")
        code = subprocess.run(
            command(image, order, begin), env={**os.environ, "DOCKER_BUILDKIT": "1"}, check=False
        ).returncode
        if code:
            where = str(image.dockerfile.relative_to(REPOSITORY))
            remedy = "The builder's own message stands above"
            raise InfrastructureError(f"{reference} was not built", where=where, remedy=remedy)
        say(f"{reference} is built")


def _version() -> str:
    # The set-up may run on a Python that has no reader of TOML yet.
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', project, re.MULTILINE)
    return found[1] if found else "0"


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ("git", *words), cwd=REPOSITORY, check=False, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
