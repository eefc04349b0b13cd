"""Steps as processes of this machine, in the interpreter of the step environment."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import tempfile
from collections import deque
from typing import TYPE_CHECKING

from include.errors import InfrastructureError
from include.store.remote import DRIVER_VARIABLES
from operators.runtimes.protocol import StepEnding
from operators.runtimes.speech import failure_said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from include.client.messages.base import RunRef
    from include.steps.contract import StepCall, StepFailure

# Everything else stays behind: Airflow's secrets, our own tokens, the database's address.
PASSED_ON = DRIVER_VARIABLES | frozenset({
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SPT_NOENV",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "AIRWORTHY_HOME", "AIRWORTHY_INSTANCE", "AIRWORTHY_STORE", "AIRWORTHY_ARRIVALS",
    "AIRWORTHY_TENANT", "AIRWORTHY_ENVIRONMENT", "AIRWORTHY_MLFLOW_URI",
})  # fmt: skip
POLL_SECONDS = 0.2
GRACE_SECONDS = 5.0
TAIL_LINES = 8
PR_SET_PDEATHSIG = 1
NICENESS = 10
"""What answers callers on this machine comes first: a starved model server misses its checks."""
_LIBC = ctypes.CDLL(None, use_errno=True)


class LocalRuntime:
    """Runs a step in a process group of its own.

    Args:
        python: Interpreter of the step environment.
        environ: Environment to choose from.
    """

    def __init__(self, python: str, environ: Mapping[str, str]) -> None:
        self._python = python
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, call: StepCall, run: RunRef, emit: Callable[[str], None]) -> StepEnding:
        """Run ``call`` in an empty folder that goes away with it.

        Raises:
            InfrastructureError: the interpreter cannot be started.
        """
        last: deque[str] = deque(maxlen=TAIL_LINES)
        failure: StepFailure | None = None
        with tempfile.TemporaryDirectory(prefix="airworthy-step-") as folder:
            process = self._start(call, run, folder)
            try:
                for line in _lines(process):
                    emit(line)
                    last.append(line)
                    failure = failure_said(line) or failure
                code = process.wait()
            finally:
                self.kill()
                _close(process)
        if code < 0:
            return StepEnding(None, -code, failure, "\n".join(last))
        return StepEnding(code, None, failure, "\n".join(last))

    def kill(self) -> None:
        """End the process group: first politely, after five seconds for good."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        _signal(process, signal.SIGKILL)
        process.wait()

    def _start(self, call: StepCall, run: RunRef, folder: str) -> subprocess.Popen[bytes]:
        argv = call.argv(self._python)
        try:
            self._process = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment(self._environ, run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_prepare,
            )
        except OSError as error:
            raise InfrastructureError(
                f"the step cannot be started ({error.strerror})",
                where=f"step {call.step}",
                value=self._python,
                remedy="Set AIRWORTHY_STEPS_PYTHON to the interpreter of the step environment",
            ) from error
        return self._process


def environment(environ: Mapping[str, str], run: RunRef) -> dict[str, str]:
    """Return what a step may know: the allowed variables and the ids of its run."""
    passed = {name: environ[name] for name in sorted(PASSED_ON & set(environ))}
    return {
        **passed,
        "PYTHONUNBUFFERED": "1",
        "AIRWORTHY_RUN": run.run_id,
        "AIRWORTHY_DAG": run.dag_id,
        "AIRWORTHY_TASK": run.task_id,
    }


def _prepare() -> None:
    """Have the kernel end the step when its task dies in a way that runs no ``on_kill``.

    And have it step back where the machine is busy.
    """
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield what the process prints until it is gone.

    A grandchild may hold the pipe open longer than the process lives, so the end of the process
    counts and not the end of the pipe.
    """
    assert process.stdout is not None  # noqa: S101 - it was opened with PIPE
    pipe, rest = process.stdout.fileno(), b""
    while True:
        ready, _, _ = select.select([pipe], [], [], POLL_SECONDS)
        if ready:
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                break
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
        elif process.poll() is not None:
            break
    if rest:
        yield rest.decode(errors="replace")


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
