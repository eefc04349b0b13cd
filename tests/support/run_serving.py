"""Runs a real serving daemon over fake model servers; the options come as JSON in the argument."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from include import logs
from include.errors import AirworthyError
from include.serving.daemon import DaemonOptions, run
from include.serving.limits import Limits
from include.serving.recording import RecordingOptions
from include.serving.timings import Timings
from include.store.open import open_store

FAKE = Path(__file__).with_name("fake_model_server.py")


def main() -> None:
    told = json.loads(sys.argv[1])
    logs.configure()
    try:
        run(
            DaemonOptions(
                folder=Path(told["folder"]),
                store=told["store"],
                token=told["token"],
                admin_port=told["admin_port"],
                router_port=told["router_port"],
                command=(sys.executable, "-S", "-E", str(FAKE)),
                timings=Timings(**told["timings"]),
                limits=Limits(**told["limits"]),
                recording=RecordingOptions(outcomes_token=told["outcomes_token"], sample_share=0.5),
            ),
            open_store(),
        )
    except AirworthyError as cause:
        sys.exit(str(cause))


if __name__ == "__main__":
    main()
