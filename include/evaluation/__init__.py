"""Measuring a fitted model on the untouched test window, and judging what was measured.

``metrics`` is the table of metrics, ``bootstrap`` makes their intervals, ``estimates`` puts each
beside its naive baseline. ``selection`` counts favourable answers by protected group, ``window``
describes the test window and how often it has been used, ``report`` is what all of that is written
in. ``gates`` judges estimates against declared limits and measures nothing itself.
"""
