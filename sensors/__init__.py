"""What DAGs wait for: every wait is a deferrable sensor, so that the graph shows it.

``decision`` waits for people, ``endpoint_ready`` for a variant to be what was wanted of it. The
waiting itself is done by stateless asynchronous ``triggers``.
"""
