"""Who is calling the control plane, and what they may do.

- ``principal``   the caller: a person, a workload (a try of a task) or a service
- ``permission``  one table: every action, and the roles that may take it
- ``naming``      what names and ids from outside may look like
"""
