"""Leaks: features that know the answer, and test rows that training has seen.

- ``records``      what a leak report holds
- ``copies``       one feature that decides the target
- ``combinations`` several features that add up to the target
- ``identifiers``  a feature that names the row
- ``duplicates``   test rows with a twin among the training rows
- ``search``       all of it, for a spec and its rows

Whether a column is known when a prediction is asked for is a matter of the spec, not of the data:
`include.spec.checks` refuses such a feature before any row is read, and `search` says it again.
"""
