"""acquire, validate and quarantine as steps: keys, results, full stores and kills."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.data.dataset import DatasetVersion
from include.data.frame import load
from include.data.quarantine import QuarantineBatch
from include.data.report import ValidationReport
from include.spec.model import CompiledSpec, Spec
from include.steps import acquire, quarantine, run, validate
from include.steps.call import prepare, read_result
from include.steps.contract import ExitCode, StepCall, StepFailure, StepResult
from include.store.fsspec_store import FsspecStore
from tests.support.compiled_specs import as_compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ROOT = Path(__file__).parents[3]
HEADER = "id,day,amount,member,paid"
COLUMNS = (
    ("id", "integer", "key"),
    ("day", "date", "time"),
    ("amount", "number", "feature"),
    ("member", "boolean", "feature"),
    ("paid", "boolean", "target"),
)
WORK: Mapping[str, run.Work] = {
    "acquire": acquire.work,
    "validate": validate.work,
    "quarantine": quarantine.work,
}


def spec_of() -> CompiledSpec:
    columns = [
        {"name": name, "type": kind, "role": role, "available_at": "application"}
        for name, kind, role in COLUMNS
    ]
    spec = Spec.model_validate({
        "model": "loans",
        "title": "Loans",
        "purpose": "Tests.",
        "owner": {"team": "fleet", "email": "fleet@example.com"},
        "materiality": "low",
        "task": "classification",
        "data": {
            "source": {"uri": "{arrivals}/loans/{partition}.csv"},
            "partitioning": "named",
            "row_key": ["id"],
            "columns": columns,
            "quality": {"min_rows": 5, "max_quarantine_share": 0.2},
        },
        "split": {"kind": "hash"},
        "training": {"candidates": ["logistic"]},
        "evaluation": {"metrics": ["auc"]},
        "gates": [],
        "release": {"endpoint": "loans"},
    })
    return as_compiled(spec, "embedded")


def rows(count: int) -> list[str]:
    return [f"{n},2026-01-{1 + n % 28:02d},{n}.5,{n % 2},{int(n % 5 > 1)}" for n in range(count)]


@dataclass
class Bench:
    """Arrivals and a store in a folder, and steps run in this process."""

    folder: Path
    spec: CompiledSpec
    store: FsspecStore

    def arrive(self, name: str, lines: list[str], header: str = HEADER) -> None:
        data = "\n".join([header, *lines, ""]).encode()
        self.store.write(f"file://{self.folder}/arrivals/loans/{name}.csv", data)

    def call(self, step: str, inputs: Mapping[str, str] | None = None, **options: str) -> StepCall:
        return prepare(step, self.spec, inputs or {}, options, self.store)

    def execute(self, call: StepCall, *more: str) -> int:
        argv = [*call.argv("python")[3:], *more]
        return run.execute(call.step, WORK[call.step], argv, store=self.store)

    def done(self, step: str, inputs: Mapping[str, str] | None = None, **options: str) -> StepCall:
        call = self.call(step, inputs, **options)
        assert self.execute(call) == ExitCode.DONE
        return call

    def result(self, call: StepCall) -> StepResult:
        return read_result(self.store, call.output)

    def dataset(self, call: StepCall) -> DatasetVersion:
        data = self.store.read(self.result(call).artifact("dataset").uri)
        return DatasetVersion.model_validate_json(data)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store")
    monkeypatch.setenv("AIRWORTHY_ARRIVALS", f"file://{tmp_path}/arrivals")
    return Bench(tmp_path, spec_of(), FsspecStore())


def test_good_batch_is_accepted_and_read_typed(bench: Bench) -> None:
    bench.arrive("good", rows(40))
    acquired = bench.done("acquire", partition="good", attempt="run-1")
    validated = bench.done("validate", {"acquire": acquired.output})
    assert bench.result(validated).outcome == "accept"
    assert {one.name for one in bench.result(validated).artifacts} == {
        "report", "violations", "contract", "suite",
    }  # fmt: skip
    frame = load(bench.dataset(acquired), bench.spec.spec, bench.store)
    assert frame.shape == (40, 5)


def test_bad_rows_are_set_aside_and_the_others_go_on(bench: Bench) -> None:
    lines = [*rows(40), "100,2026-02-30,1,1,1", "101,2026-01-01,lots,9,1"]
    bench.arrive("damaged", lines)
    acquired = bench.done("acquire", partition="damaged", attempt="run-1")
    validated = bench.done("validate", {"acquire": acquired.output})
    assert bench.result(validated).outcome == "quarantine"
    inputs = {"acquire": acquired.output, "validate": validated.output}
    parted = bench.done("quarantine", inputs)
    result = bench.result(parted)
    assert result.outcome == "quarantined"
    batch = QuarantineBatch.model_validate_json(bench.store.read(result.artifact("batch").uri))
    assert (batch.rows_in, batch.passed, batch.quarantined) == (42, 40, 2)
    clean = bench.dataset(parted)
    assert clean.parents == (bench.dataset(acquired).digest,)
    assert list(load(clean, bench.spec.spec, bench.store).index) == [str(n) for n in range(40)]
    lines_aside = bench.store.read(result.artifact("rows").uri).splitlines()
    assert b"101,2026-01-01,lots,9,1" in lines_aside[1]


def test_broken_batch_is_a_result_and_is_never_parted(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.arrive("broken", rows(40), HEADER.replace("amount", "amounts"))
    acquired = bench.done("acquire", partition="broken", attempt="run-1")
    validated = bench.done("validate", {"acquire": acquired.output})
    result = bench.result(validated)
    assert (result.outcome, result.verdict) == ("stop", "fail")
    assert "was it renamed to `amounts`?" in result.message
    report = bench.store.read(result.artifact("report").uri)
    assert ValidationReport.model_validate_json(report).score is None
    inputs = {"acquire": acquired.output, "validate": validated.output}
    assert bench.execute(bench.call("quarantine", inputs)) == ExitCode.BAD_INPUT
    failure = StepFailure.model_validate_json(capsys.readouterr().out.splitlines()[-1])
    assert "stopped" in failure.what


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (f"{HEADER}\n".encode(), "no rows"),
        (f"{HEADER}\n1,2026-01-01,\xe9,1,1\n".encode("latin-1"), "not UTF-8"),
        (f"{HEADER}\n1,2026-01-01\n".encode(), "2 cells, the header has 5"),
    ],
)
def test_file_that_is_no_table_is_bad_input(
    bench: Bench, capsys: pytest.CaptureFixture[str], data: bytes, what: str
) -> None:
    bench.store.write(f"file://{bench.folder}/arrivals/loans/bad.csv", data)
    call = bench.call("acquire", partition="bad", attempt="run-1")
    assert bench.execute(call) == ExitCode.BAD_INPUT
    failure = StepFailure.model_validate_json(capsys.readouterr().out.splitlines()[-1])
    assert what in failure.what
    assert "bad.csv" in failure.where
    assert failure.remedy
    assert not bench.store.exists(call.output)


def test_partition_that_has_not_arrived_is_bad_input(bench: Bench) -> None:
    assert bench.execute(bench.call("acquire", partition="none")) == ExitCode.BAD_INPUT
    assert bench.execute(bench.call("acquire")) == ExitCode.BAD_INPUT


def test_every_run_looks_again_and_equal_data_is_validated_once(bench: Bench) -> None:
    bench.arrive("good", rows(40))
    first = bench.done("acquire", partition="good", attempt="run-1")
    second = bench.done("acquire", partition="good", attempt="run-2")
    assert first.key != second.key
    assert bench.result(first).identity == bench.result(second).identity
    calls = [bench.call("validate", {"acquire": call.output}) for call in (first, second)]
    assert calls[0].key == calls[1].key


def test_recompute_gives_the_same_of_every_step(bench: Bench) -> None:
    bench.arrive("damaged", [*rows(40), "100,2026-02-30,1,1,1"])
    acquired = bench.done("acquire", partition="damaged", attempt="run-1")
    validated = bench.done("validate", {"acquire": acquired.output})
    inputs = {"acquire": acquired.output, "validate": validated.output}
    parted = bench.done("quarantine", inputs)
    for call in (acquired, validated, parted):
        assert bench.execute(call, "--recompute") == ExitCode.DONE


def test_recompute_after_the_file_changed_is_refused(bench: Bench) -> None:
    bench.arrive("good", rows(40))
    call = bench.done("acquire", partition="good", attempt="run-1")
    bench.arrive("good", rows(41))
    assert bench.execute(call, "--recompute") == ExitCode.BAD_INPUT


def test_full_store_is_infrastructure_and_a_retry_works(bench: Bench) -> None:
    bench.arrive("good", rows(4000))
    call = bench.call("acquire", partition="good", attempt="run-1")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        code = bench.execute(call)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert code == ExitCode.INFRASTRUCTURE
    assert not bench.store.exists(call.output)
    assert bench.store.list(f"file://{bench.folder}/store/datasets") == ()
    assert bench.execute(call) == ExitCode.DONE


KILLED = """
import os, runpy, signal, sys
from pathlib import Path
replace, count = Path.replace, 0
def dying(self, target):
    global count
    count += 1
    if count > int(os.environ["WRITES"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = dying
runpy.run_module("include.steps.acquire", run_name="__main__")
"""


@pytest.mark.parametrize("writes", [0, 1, 3])
def test_step_killed_between_any_two_writes_runs_again(bench: Bench, writes: int) -> None:
    bench.arrive("good", rows(40))
    call = bench.call("acquire", partition="good", attempt="run-1")
    command = [sys.executable, "-c", KILLED, *call.argv("python")[3:]]
    environment = os.environ | {"WRITES": str(writes)}
    died = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL
    assert not bench.store.exists(call.output)
    assert bench.execute(call) == ExitCode.DONE
    assert load(bench.dataset(call), bench.spec.spec, bench.store).shape == (40, 5)


def test_missing_rows_are_infrastructure_and_acquiring_heals(bench: Bench) -> None:
    bench.arrive("good", rows(40))
    acquired = bench.done("acquire", partition="good", attempt="run-1")
    Path(bench.dataset(acquired).uri.removeprefix("file://")).unlink()
    call = bench.call("validate", {"acquire": acquired.output})
    assert bench.execute(call) == ExitCode.INFRASTRUCTURE
    bench.done("acquire", partition="good", attempt="run-2")
    assert bench.execute(call) == ExitCode.DONE
