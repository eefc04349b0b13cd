"""What DAGs wait for: every wait is a deferrable sensor, so that the graph shows it.

``decision`` waits for people, ``endpoint_ready`` for a candidate without traffic, ``split`` for
the weights of a stage, ``canary_health`` for the verdict of its evidence. The waiting itself is
done by stateless asynchronous ``triggers``.
"""
