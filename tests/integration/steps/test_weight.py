"""Light steps run, as real processes, where only the slim image's libraries can be imported."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from include.steps.call import prepare, read_result
from include.steps.weight import is_light
from include.store.open import open_store
from tests.support.compiled_specs import as_compiled

pytestmark = [pytest.mark.steps, pytest.mark.timeout(300)]

LOCK = Path(__file__).parents[3] / "requirements" / "steps-slim-3.11.txt"
OURS = {"airworthy"}
BLOCK = """
import sys
ABSENT = {absent!r}
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{{name}} is not in the slim image", name=name)
sys.meta_path.insert(0, Finder())
"""


def locked():
    found = re.findall(r"^([a-z0-9.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return {name.removesuffix("-cpu") for name in found} | OURS


@cache
def absent():
    """Return what can be imported here, but not in the slim image."""
    present = locked()
    return {
        module
        for module, names in packages_distributions().items()
        if not {re.sub(r"[-_.]+", "-", name.lower()) for name in names} & present
    }


class Slim:
    """Runs steps as the slim image would."""

    def __init__(self, spec, home, blocked):
        self.spec = as_compiled(spec)
        (blocked / "sitecustomize.py").write_text(BLOCK.format(absent=absent()))
        self.environ = {**os.environ, "PYTHONPATH": str(blocked), "AIRWORTHY_HOME": str(home)}
        self.done = {}

    def step(self, name, inputs=(), **options):
        uris = {known: self.done[task] for known, task in dict(inputs).items()}
        call = prepare(name, self.spec, uris, options, open_store())
        ended = subprocess.run(
            call.argv(sys.executable), env=self.environ, capture_output=True, text=True
        )
        self.done[name] = call.output
        return ended


@pytest.fixture
def slim(tmp_path, monkeypatch, toy):
    for name in [name for name in os.environ if name.startswith("AIRWORTHY_")]:
        monkeypatch.delenv(name)
    home, blocked = tmp_path / "home", tmp_path / "blocked"
    monkeypatch.setenv("AIRWORTHY_HOME", str(home))
    (home / "arrivals").mkdir(parents=True)
    blocked.mkdir()
    rows = toy.rows()
    rows.assign(owner=rows["owner"].astype(int)).to_csv(home / "arrivals/first.csv", index=False)
    quick = {"trials": 1, "seconds": 600, "folds": 2}
    return Slim(toy.spec(training={"candidates": ["logistic"], **quick}), home, blocked)


def test_a_logistic_regression_is_trained_without_the_heavy_libraries(slim):
    data = {"data": "acquire", "plan": "plan"}
    chosen = {**data, "logistic": "fit_candidate"}
    steps = (
        ("acquire", {}, {"partition": "first", "attempt": "1"}),
        ("plan", {"data": "acquire"}, {}),
        ("fit_candidate", data, {"algorithm": "logistic"}),
        ("select", chosen, {}),
    )
    for name, inputs, options in steps:
        assert is_light(name, options.get("algorithm", ""))
        ended = slim.step(name, inputs, **options)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert read_result(open_store(), slim.done["select"]).outcome


def test_other_light_steps_load_without_the_heavy_libraries(slim):
    assert all(is_light(step) for step in ("quarantine", "gate", "train"))
    imports = "import include.steps.quarantine, include.steps.gate, include.steps.train"
    words = [sys.executable, "-c", imports]
    ended = subprocess.run(words, env=slim.environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_heavy_steps_do_need_what_the_slim_image_lacks(slim):
    assert not any(
        is_light(step) for step in ("validate", "ensemble", "evaluate", "package", "track")
    )
    words = [sys.executable, "-c", "import include.steps.package"]
    ended = subprocess.run(words, env=slim.environ, capture_output=True, text=True)
    assert "is not in the slim image" in ended.stderr


def test_a_network_needs_tensorflow():
    assert "tensorflow" in absent()
    assert not is_light("fit_candidate", "network")
