"""The asynchronous halves of the sensors.

Each trigger has one frozen dataclass of ``arguments`` that turns into JSON primitives and back,
since Airflow stores nothing else. A trigger holds no secret: it reads its connections when it runs
(``sources``), and measures its waits by a clock that never jumps (``timer``).
"""
