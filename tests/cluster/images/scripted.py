"""The interpreter of the scripted image: the real runner; the work is the option ``script``.

A script sees ``context`` (the step's), ``say`` (a progress line) and ``time``; it may set
``outcome`` and ``message``.
"""

from __future__ import annotations

import sys
import time

from include import logs
from include.steps.context import StepContext, StepOutcome
from include.steps.run import main
from include.verdict import Verdict


def work(context: StepContext) -> StepOutcome:
    """Do what the option says."""
    say = logs.get("scripted").info
    names = {"context": context, "say": say, "time": time, "outcome": "done", "message": "done"}
    exec(context.options["script"], names)
    return StepOutcome(outcome=names["outcome"], message=names["message"], verdict=Verdict.PASS)


if __name__ == "__main__":
    step = sys.argv[2].removeprefix("include.steps.")
    sys.argv[1:] = sys.argv[3:]
    main(step, work)
