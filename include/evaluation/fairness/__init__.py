"""Fairness by counts: what each group got, how sure that is, and what differs.

- ``records``      what a fairness report holds
- ``counts``       one pass over the rows: a confusion matrix a group
- ``rates``        rates of one group, with Wilson intervals
- ``disparities``  each group against the reference of its attribute
- ``report``       all of it for a spec

A rate under its minimum denominator is not compared: too little is neither fair nor unfair.
"""
