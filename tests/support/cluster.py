"""A real cluster: the current kubeconfig, or the one that a script brings up on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from include import digest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "tests" / "cluster" / "images"
REMOVAL_SECONDS = 60


def script(name: str) -> Path:
    """Return a script of ``AIRWORTHY_TEST_CLUSTER``; it need not be there."""
    folder = os.environ.get("AIRWORTHY_TEST_CLUSTER") or "../shared/cluster"
    return (ROOT / folder).resolve() / name


def scripts_home() -> Path:
    """Return where that cluster keeps its kubeconfig and its programs."""
    return Path(os.environ.get("CLUSTER_HOME") or "/var/tmp/airworthy-cluster")


def kubeconfig() -> Path:
    """Return the current kubeconfig; without one, bring the script's cluster up.

    A cluster that was brought up stays up: it is quick to find again, and others may use it.
    """
    current = os.environ.get("KUBECONFIG")
    if current:
        return Path(current)
    up = script("up")
    if not up.is_file():
        message = f"no cluster: KUBECONFIG is not set and there is no {up.name} in {up.parent}"
        raise RuntimeError(message)
    subprocess.run(["bash", str(up)], check=True, stdout=subprocess.DEVNULL)
    return scripts_home() / "kubeconfig"


def this_machine() -> str:
    """Return the address of this machine that pods reach."""
    return os.environ.get("AIRWORTHY_TEST_HOST") or "10.245.0.1"


@dataclass(frozen=True)
class Cluster:
    """A cluster as its kubeconfig reaches it."""

    kubeconfig: Path

    @property
    def environ(self) -> dict[str, str]:
        """Environment in which ``kubectl`` and ``helm`` find each other and the cluster."""
        path = f"{self.kubeconfig.parent / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "PATH": path}

    def run(self, *words: str, text: str | None = None, check: bool = True) -> str:
        """Run a program against the cluster and return what it prints."""
        program = shutil.which(words[0], path=self.environ["PATH"]) or words[0]
        done = subprocess.run(
            [program, *words[1:]],
            input=text,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if check and done.returncode != 0:
            message = f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}"
            raise RuntimeError(message)
        return done.stdout

    def kubectl(self, *words: str, text: str | None = None, check: bool = True) -> str:
        """Run ``kubectl`` and return what it prints."""
        return self.run("kubectl", *words, text=text, check=check)

    def read(self, *words: str) -> Any:
        """Return ``kubectl get … -o json``; None where the object is not there."""
        printed = self.kubectl("get", *words, "--ignore-not-found", "-o", "json")
        return json.loads(printed) if printed.strip() else None

    def apply(self, *objects: dict[str, Any]) -> None:
        """Create or change objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "-f", "-", text=json.dumps(listed))

    def open_namespace(self, prefix: str = "test", labels: dict[str, str] | None = None) -> str:
        """Make a namespace of its own name and return it."""
        name = f"{prefix}-{token_hex(4)}"
        self.apply({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": {"airworthy.dev/test": "true", **(labels or {})}},
        })
        # Pods are refused until the controller has made the namespace's default account.
        wait_until(lambda: self.read("serviceaccount", "default", "-n", name), 30)
        return name

    def close_namespace(self, name: str) -> None:
        """Remove a namespace with all that is in it; pods get no time to say goodbye."""
        at_once = ("--force", "--grace-period=0", "--wait=false")
        self.kubectl("delete", "pods", "--all", "-n", name, *at_once, check=False)
        limit = f"--timeout={REMOVAL_SECONDS}s"
        self.kubectl("delete", "namespace", name, "--ignore-not-found", limit)


def wait_until(is_so: Callable[[], Any], seconds: float, every: float = 0.2) -> Any:
    """Return the first answer that is true.

    Raises:
        TimeoutError: none was, in time.
    """
    until = time.monotonic() + seconds
    while not (answer := is_so()):
        if time.monotonic() > until:
            message = f"not so after {seconds:g} s: {is_so}"
            raise TimeoutError(message)
        time.sleep(every)
    return answer


def image(cluster: Cluster, name: str) -> str:
    """Return the reference of an image of ours, built and loaded where the cluster lacks it.

    ``AIRWORTHY_TEST_IMAGES`` is a prefix (``registry.example/airworthy/``) under which a cluster
    that is not the script's finds them, tagged with the digest of their recipe.
    """
    recipe = RECIPES / f"{name}.Dockerfile"
    reference = f"airworthy.test/{name}:{_content(recipe)[:12]}"
    elsewhere = os.environ.get("AIRWORTHY_TEST_IMAGES")
    if elsewhere:
        return f"{elsewhere}{name}:{_content(recipe)[:12]}"
    if reference not in loaded(cluster):
        build = ["bash", str(script("build-image")), "-t", reference, "-f", str(recipe), str(ROOT)]
        done = subprocess.run(build, check=False, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            message = f"{name} was not built: {done.stdout[-2000:]}{done.stderr[-2000:]}"
            raise RuntimeError(message)
    return reference


def _content(recipe: Path) -> str:
    """Return the digest of a recipe and of the sources that it copies."""
    text = recipe.read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    named = (ROOT / word for words in copied for word in words.split() if not word.startswith("--"))
    files = sorted(file for place in named for file in _files(place))
    contents = [(str(file.relative_to(ROOT)), digest.of_bytes(file.read_bytes())) for file in files]
    return digest.of_json([text, contents])


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return [p for p in place.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def loaded(cluster: Cluster) -> set[str]:
    """Return the names of the images that the nodes have."""
    nodes = cluster.read("nodes")["items"]
    images = [image for node in nodes for image in node["status"].get("images", [])]
    return {name for image in images for name in image.get("names") or ()}
