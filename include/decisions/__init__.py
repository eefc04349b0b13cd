"""Questions to people: who may answer, until when, and what silence means.

- ``opening``    what may be asked; the default is never the yes
- ``answering``  who may answer or extend, and when a decision is closed
- ``approving``  which answered decision lets a rollout begin
- ``overriding`` which one lets a version in whose gates did not all pass
- ``staging``    which decision says what becomes of a stage without a verdict

Only a person answers, under their own log-in, with one of the named roles, before the deadline,
for the digest they saw, and never the person who asked.
"""
