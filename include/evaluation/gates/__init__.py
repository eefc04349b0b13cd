"""Gates: declared limits against what was measured. Pure; nothing is measured here.

``judging`` asks the judge of each kind; ``limits`` holds an interval against a limit. One file a
kind: ``absolute``, ``champion``, ``fairness``, ``calibration``, ``footprint`` (latency and size),
``leak``. A gate that cannot be judged does not pass.
"""
