"""How patient the daemon is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Every wait of the daemon, in seconds.

    Attributes:
        probe_every: Pause between two health checks.
        probe_timeout: No answer for so long is a miss.
        misses: Misses in a row that make a replica unhealthy.
        start_within: A server that is not ready after so long is started again.
        first_pause: Pause before the first restart; doubles.
        longest_pause: Longest pause between restarts.
        healthy_after: Healthy for so long, and the pauses begin again with the first.
        drain_within: How long requests in flight may take after routing stopped.
        end_within: From SIGTERM to SIGKILL.
        stop_within: From SIGTERM to SIGKILL for all model servers when the daemon stops.
        answer_within: A model server that has not answered by then is a time-out.
        mirror_within: The same for copies, which hold on to what callers may need.
    """

    probe_every: float = 1.0
    probe_timeout: float = 5.0
    misses: int = 3
    start_within: float = 180.0
    first_pause: float = 1.0
    longest_pause: float = 30.0
    healthy_after: float = 60.0
    drain_within: float = 10.0
    end_within: float = 10.0
    stop_within: float = 6.0
    answer_within: float = 10.0
    mirror_within: float = 3.0
