"""The runner of the steps: keys, reuse, recompute, exit codes and the last line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from include.clock import ManualClock
from include.errors import (
    BadInput,
    FencedOut,
    Forbidden,
    Rejected,
    StoreFull,
    StoreUnavailable,
)
from include.spec import compiled
from include.steps import run
from include.steps.call import prepare, publish, read_result
from include.steps.code import code_digest
from include.steps.context import StepContext, StepOutcome, folder_digest
from include.steps.contract import ExitCode, StepCall, StepFailure
from include.store.fsspec_store import FsspecStore
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import CompiledSpec

ROOT = Path(__file__).parents[3]
PYTHON = "python"


@pytest.fixture
def spec() -> CompiledSpec:
    path = ROOT / "dags/compiled/bike_demand.json"
    return compiled.from_bytes(path.read_bytes(), str(path))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FsspecStore:
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store/")
    return FsspecStore()


def write_words(context: StepContext) -> StepOutcome:
    words = context.option("words").encode()
    artifact = context.write_artifact("words", "words.txt", words)
    return StepOutcome(outcome="written", message="Wrote the words", artifacts=(artifact,))


class Counting:
    """Work that remembers how often it was done, and may give something else each time."""

    def __init__(self, *, stable: bool = True) -> None:
        self.calls = 0
        self.stable = stable

    def __call__(self, context: StepContext) -> StepOutcome:
        self.calls += 1
        number = 1 if self.stable else self.calls
        artifact = context.write_artifact("number", "number.txt", str(number).encode())
        return StepOutcome(outcome="counted", message=f"{number}", artifacts=(artifact,))


def call_of(step: str, spec: CompiledSpec, store: FsspecStore, **options: str) -> StepCall:
    return prepare(step, spec, {}, options, store)


def execute(call: StepCall, work: run.Work, *more: str) -> int:
    return run.execute(call.step, work, [*call.argv(PYTHON)[3:], *more])


def test_result_says_what_was_done(spec: CompiledSpec, store: FsspecStore) -> None:
    call = call_of("words", spec, store, words="hello")
    assert execute(call, write_words) == ExitCode.DONE
    result = read_result(store, call.output)
    assert (result.step, result.key, result.outcome) == ("words", call.key, "written")
    assert result.verdict is Verdict.PASS
    assert store.read(result.artifact("words").uri) == b"hello"
    assert result.spec_digest == spec.digest
    assert result.code_digest == code_digest()
    assert result.peak_memory_bytes > 1 << 20
    assert result.started_at


def test_same_step_twice_computes_once(spec: CompiledSpec, store: FsspecStore) -> None:
    work, call = Counting(), call_of("count", spec, store)
    with capture_logs(processors=[merge_contextvars]) as lines:
        assert execute(call, work) == execute(call, work) == ExitCode.DONE
    assert work.calls == 1
    assert [line["event"] for line in lines] == ["step_started", "step_done", "step_reused"]
    assert {line["step"] for line in lines} == {"count"}
    assert lines[1]["model"] == "bike_demand"


def test_recompute_reproduces_and_keeps_the_first(spec: CompiledSpec, store: FsspecStore) -> None:
    work, call = Counting(), call_of("count", spec, store)
    execute(call, work)
    first = store.read(call.output)
    assert execute(call, work, "--recompute") == ExitCode.DONE
    assert work.calls == 2
    assert store.read(call.output) == first


def test_recompute_that_differs_is_refused(
    spec: CompiledSpec, store: FsspecStore, capsys: pytest.CaptureFixture[str]
) -> None:
    work, call = Counting(stable=False), call_of("count", spec, store)
    execute(call, work)
    assert execute(call, work, "--recompute") == ExitCode.BAD_INPUT
    failure = StepFailure.model_validate_json(capsys.readouterr().out.splitlines()[-1])
    assert "number" in failure.what
    assert failure.value.startswith("first ")
    assert store.read(read_result(store, call.output).artifact("number").uri) == b"1"


def test_recompute_of_nothing_is_a_first_time(spec: CompiledSpec, store: FsspecStore) -> None:
    call = call_of("count", spec, store)
    assert execute(call, Counting(), "--recompute") == ExitCode.DONE
    assert store.exists(call.output)


def raising(error: BaseException) -> Callable[[StepContext], StepOutcome]:
    def work(context: StepContext) -> StepOutcome:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("bad", where="here", value=3, remedy="fix"), 20),
        (Forbidden("no"), 20),
        (StoreFull("full"), 30),
        (StoreUnavailable("away"), 30),
        (FencedOut("older"), 30),
        (MemoryError(), 30),
        (RuntimeError("surprise"), 1),
    ],
    ids=repr,
)
def test_failure_has_its_code_its_last_line_and_no_result(
    spec: CompiledSpec,
    store: FsspecStore,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    call = call_of("fail", spec, store)
    assert execute(call, raising(error)) == code
    out = capsys.readouterr().out
    failure = StepFailure.model_validate_json(out.splitlines()[-1])
    assert failure.error == type(error).__name__
    assert failure.what
    assert ("Traceback" in out) == (code == 1)
    assert not store.exists(call.output)


def test_rejection_is_a_result(spec: CompiledSpec, store: FsspecStore) -> None:
    call = call_of("judge", spec, store)
    work = raising(Rejected("the rule says no"))
    assert execute(call, work) == ExitCode.REJECTED
    result = read_result(store, call.output)
    assert (result.outcome, result.verdict) == ("rejected", Verdict.FAIL)
    assert execute(call, raising(RuntimeError("not called again"))) == ExitCode.REJECTED


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--spec=file:///x"],
        ["--inputs=nameless", "--spec=a", "--store=b", "--key=c", "--output=d"],
        ["--inputs==uri", "--spec=a", "--store=b", "--key=c", "--output=d"],
        ["--option=a=1", "--option=a=2", "--spec=a", "--store=b", "--key=c", "--output=d"],
        ["--surprise", "--spec=a", "--store=b", "--key=c", "--output=d"],
        ["--spec=a", "--store=b", "--key=c", "--output=not-a-uri"],
    ],
    ids=str,
)
def test_wrong_command_line_is_bad_input(
    argv: list[str], store: FsspecStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.execute("any", write_words, argv) == ExitCode.BAD_INPUT
    StepFailure.model_validate_json(capsys.readouterr().out.splitlines()[-1])


def test_key_of_other_code_or_options_is_refused(spec: CompiledSpec, store: FsspecStore) -> None:
    call = call_of("words", spec, store, words="hello")
    argv = [text.replace("words=hello", "words=other") for text in call.argv(PYTHON)[3:]]
    assert run.execute("words", write_words, argv) == ExitCode.INFRASTRUCTURE


def test_missing_spec_is_infrastructure_and_edited_spec_bad_input(
    spec: CompiledSpec, store: FsspecStore
) -> None:
    call = call_of("words", spec, store, words="a")
    argv = [text.replace("/specs/", "/nowhere/") for text in call.argv(PYTHON)[3:]]
    assert run.execute("words", write_words, argv) == ExitCode.INFRASTRUCTURE
    edited = store.read(call.spec_uri).replace(b'"seed": 20260101', b'"seed": 7')
    store.write(call.spec_uri, edited)
    assert execute(call, write_words) == ExitCode.BAD_INPUT


def test_inputs_are_read_and_checked(spec: CompiledSpec, store: FsspecStore) -> None:
    first = call_of("words", spec, store, words="hello")
    execute(first, write_words)
    seen: list[bytes] = []

    def reads(context: StepContext) -> StepOutcome:
        seen.append(context.read_artifact("source", "words"))
        (context.scratch / "out").mkdir()
        (context.scratch / "out" / "a.txt").write_bytes(seen[-1])
        folder = context.put_folder("copy", context.scratch / "out")
        return StepOutcome(outcome="read", message="Read", artifacts=(folder,))

    second = prepare("reads", spec, {"source": first.output}, {}, store)
    assert execute(second, reads) == ExitCode.DONE
    assert seen == [b"hello"]

    def fetches(context: StepContext) -> StepOutcome:
        folder = context.fetch_folder("source", "copy")
        assert folder_digest(folder) == context.artifact("source", "copy").sha256
        return StepOutcome(outcome="fetched", message=(folder / "a.txt").read_text())

    third = prepare("fetches", spec, {"source": second.output}, {}, store)
    assert execute(third, fetches) == ExitCode.DONE
    assert read_result(store, third.output).message == "hello"

    tampered = read_result(store, first.output).artifact("words").uri
    store.write(tampered, b"hellO")
    again = prepare("reads", spec, {"source": first.output}, {"again": "1"}, store)
    assert execute(again, reads) == ExitCode.BAD_INPUT


def test_missing_input_and_option_are_named(spec: CompiledSpec, store: FsspecStore) -> None:
    def needs_input(context: StepContext) -> StepOutcome:
        context.read_artifact("data", "dataset")
        raise AssertionError

    assert execute(call_of("needs", spec, store), needs_input) == ExitCode.BAD_INPUT
    assert execute(call_of("words", spec, store), write_words) == ExitCode.BAD_INPUT


def test_key_depends_on_everything_that_decides(spec: CompiledSpec, store: FsspecStore) -> None:
    base = call_of("words", spec, store, words="a")
    keys = {
        base.key,
        call_of("words", spec, store, words="b").key,
        call_of("other", spec, store, words="a").key,
    }
    assert len(keys) == 3
    assert call_of("words", spec, store, words="a").key == base.key
    assert publish(spec, base.store, store) == base.spec_uri


def test_identity_knows_no_time(spec: CompiledSpec, store: FsspecStore) -> None:
    from datetime import UTC, datetime

    call = call_of("words", spec, store, words="a")
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    run.execute("words", write_words, call.argv(PYTHON)[3:], store=store, clock=clock)
    result = read_result(store, call.output)
    assert result.started_at == "2026-01-01T00:00:00.000+00:00"
    later = result.model_copy(update={"started_at": "later", "seconds": 9.0})
    assert later.identity == result.identity
