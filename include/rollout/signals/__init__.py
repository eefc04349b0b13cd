"""What each signal of a stage says: one module a signal, each with ``judge(view) -> SignalSeen``.

- ``view``         what a signal looks at, and its level
- ``alarms``       the budget of false alarms, divided over all tests of a plan
- ``words``        numbers as people read them
- ``errors`` ``latency`` ``quality`` ``distribution`` ``agreement`` ``split``   the signals
"""
