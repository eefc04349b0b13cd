"""Images: which builder is used, what it is told, and what the recipes promise."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from include.embedded import images
from include.embedded.home import REPOSITORY
from include.embedded.pins import IMAGE_LOCKS, IMAGE_PYTHON, LOCKS
from include.errors import BadInput, InfrastructureError

if TYPE_CHECKING:
    from pathlib import Path

RECIPES = sorted((REPOSITORY / "docker").glob("*/Dockerfile"))
RECORDER = "#!/bin/sh\nprintf '%s\\n' \"$@\" > {told}\nexit {code}\n"


def program(folder: Path, name: str, code: int = 0) -> Path:
    told = folder / f"{name}.told"
    path = folder / name
    path.write_text(RECORDER.format(told=told, code=code))
    path.chmod(0o755)
    return path


def instructions(recipe: Path) -> list[str]:
    text = re.sub(r"\\\n", " ", recipe.read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_without_a_builder_the_message_says_which_would_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"docker, podman, buildah.*AIRWORTHY_BUILDER"):
        images.builder({"PATH": str(tmp_path)})


@pytest.mark.parametrize("name", ["docker", "podman", "buildah"])
def test_a_builder_on_the_path_is_used(tmp_path: Path, name: str) -> None:
    path = program(tmp_path, name)
    assert images.builder({"PATH": str(tmp_path)}) == (str(path), "build")


def test_a_named_script_goes_before_the_path(tmp_path: Path) -> None:
    program(tmp_path, "docker")
    script = program(tmp_path, "build-image")
    environ = {"PATH": str(tmp_path), "AIRWORTHY_BUILDER": str(script)}
    assert images.builder(environ) == (str(script),)
    script.chmod(0o644)
    assert images.builder(environ) == ("bash", str(script))


def test_a_named_builder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    program(tmp_path, "docker")
    with pytest.raises(BadInput, match="nowhere"):
        images.builder({"PATH": str(tmp_path), "AIRWORTHY_BUILDER": str(tmp_path / "nowhere")})


@pytest.mark.parametrize("base", ["python", "python:latest", "r.example:5000/python"])
def test_a_base_that_may_be_another_tomorrow_is_refused(base: str) -> None:
    with pytest.raises(BadInput, match="without a fixed tag"):
        images.asked(["--base", base])


@pytest.mark.parametrize("base", ["r.example:5000/python:3.11-slim", "python@sha256:" + "0" * 64])
def test_a_fixed_base_is_taken(base: str) -> None:
    assert images.asked(["--base", base]).base == base


@pytest.mark.parametrize("tag", ["latest", "", "a b", "x/y"])
def test_a_tag_that_no_cluster_keeps_to_is_refused(tag: str) -> None:
    with pytest.raises(BadInput):
        images.asked([f"--tag={tag}"])


def test_an_image_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadInput, match="steps-slim"):
        images.asked(["--only=steps"])


def test_the_tag_is_the_version_and_full_has_its_own() -> None:
    order = images.asked(["--prefix=r.example/ml/"])
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{order.tag}"' in project
    names = [order.reference(image) for image in order.images]
    assert f"r.example/ml/airworthy-steps:{order.tag}" in names
    assert f"r.example/ml/airworthy-steps:{order.tag}-full" in names
    assert len(set(names)) == len(images.IMAGES) == 5


def test_the_builder_is_told_base_revision_and_target(tmp_path: Path) -> None:
    script = program(tmp_path, "podman")
    order = images.asked(["--only=steps-slim", "--tag=t1", "--base=python:3.11-slim"])
    said: list[str] = []
    images.build(order, (str(script), "build"), said.append)
    told = (tmp_path / "podman.told").read_text().splitlines()
    assert told[:3] == ["build", "-t", "airworthy-steps:t1"]
    assert told[told.index("--target") + 1] == "slim"
    assert "BASE_IMAGE=python:3.11-slim" in told
    assert f"REVISION={order.revision}" in told
    assert told[-1] == str(REPOSITORY)
    assert said == ["building airworthy-steps:t1", "airworthy-steps:t1 is built"]


def test_a_build_that_fails_names_image_and_recipe(tmp_path: Path) -> None:
    script = program(tmp_path, "docker", code=3)
    with pytest.raises(InfrastructureError, match=r"docker/serving/Dockerfile: airworthy-serving:"):
        images.build(images.asked(["--only=serving"]), (str(script), "build"), lambda _: None)


def test_the_revision_is_the_commit() -> None:
    commit = subprocess.run(
        ("git", "rev-parse", "HEAD"), cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert images.revision().removesuffix("-changed") == commit


def test_every_image_has_a_recipe_and_every_recipe_an_image() -> None:
    assert {image.dockerfile for image in images.IMAGES} == set(RECIPES)
    for image in images.IMAGES:
        stages = re.findall(r" AS (\S+)$", image.dockerfile.read_text(), re.MULTILINE)
        assert not image.target or image.target in stages


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.parent.name)
class TestRecipe:
    """What every Dockerfile keeps."""

    def test_its_base_is_an_argument_with_a_fixed_default(self, recipe: Path) -> None:
        lines = instructions(recipe)
        assert lines[0] == f"ARG BASE_IMAGE={images.BASE}"
        images.pinned(images.BASE)
        stages = {line.split()[3] for line in lines if line.startswith("FROM") and " AS " in line}
        bases = {line.split()[1] for line in lines if line.startswith("FROM")}
        assert bases - stages == {"${BASE_IMAGE}"}

    def test_nothing_is_installed_that_no_hash_was_looked_at_of(self, recipe: Path) -> None:
        installs = [line for line in instructions(recipe) if "pip" in line and "install" in line]
        assert installs
        for line in installs:
            hashed = "--require-hashes --no-deps" in line or "--no-deps --require-hashes" in line
            assert hashed or "--no-deps --no-index /build/*.whl" in line

    def test_it_ends_as_nobody(self, recipe: Path) -> None:
        users = [line for line in instructions(recipe) if line.startswith("USER")]
        assert users
        assert all(line.split()[1].startswith("65532:") for line in users)

    def test_it_is_labelled_with_version_and_revision(self, recipe: Path) -> None:
        labels = " ".join(line for line in instructions(recipe) if line.startswith("LABEL"))
        for word in ("title", "version", "revision", "licenses"):
            assert f"org.opencontainers.image.{word}=" in labels

    def test_its_locks_are_those_that_are_resolved(self, recipe: Path) -> None:
        used = set(re.findall(r"requirements/(\S+)-([0-9.]+)\.txt", recipe.read_text()))
        assert used <= {(lock.name, IMAGE_PYTHON) for lock in LOCKS}
        assert used
        assert f"python:{IMAGE_PYTHON}-" in recipe.read_text()


@pytest.mark.parametrize("lock", IMAGE_LOCKS, ids=lambda lock: lock.name)
def test_a_lock_of_an_image_keeps_to_its_base(lock) -> None:
    def pins(path: str) -> dict[str, str]:
        text = (REPOSITORY / path).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ \\;]+)", text, re.MULTILINE))

    base = pins(f"requirements/{lock.base}-{IMAGE_PYTHON}.txt")
    mine = pins(lock.target(IMAGE_PYTHON))
    differing = {
        name
        for name, version in mine.items()
        if base.get(name.removesuffix("-cpu"), version) != version
    }
    assert not differing
    assert len(mine) > 20


def test_the_full_steps_are_those_of_the_steps_environment() -> None:
    def asked(path: str) -> set[str]:
        lines = (REPOSITORY / path).read_text(encoding="utf-8").splitlines()
        return {line.replace("-cpu==", "==") for line in lines if line and line[0] != "#"}

    assert asked("requirements/steps-full.in") == asked("requirements-ml.txt")
