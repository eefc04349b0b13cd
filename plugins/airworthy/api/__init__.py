"""The control plane: one FastAPI application that owns all durable state of ours.

A request passes ``gate`` (request id and log, who is calling, the size and form of the body),
reaches a function in ``routes`` (parse, authorise, call, answer), which hands an action of
``actions`` to a unit of work of ``storage``. The rules themselves are in ``include``.

- ``app``       builds the application; mounted in Airflow's API server, or alone with ``serve``
- ``call``      what a route knows of its request: reads, and writes with an idempotency key
- ``problems``  every error as RFC 9457 problem details
- ``identity``  who is calling: workload tokens, a token file; ``airflow_login`` for people
- ``migrate``   brings a database to the newest revision (``migrations``)
"""
