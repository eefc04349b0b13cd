"""Where the control plane keeps its state: SQLAlchemy on SQLite or PostgreSQL.

- ``engine``    connections of both kinds; a write on SQLite begins immediately
- ``base``      what every table carries: tenant, environment, and whom an event must name
- ``versions`` ``endpoints`` ``rollouts`` ``decisions`` ``alerts`` ``runs``   one family of rows and
  its store each
- ``trail``     audit events and their erasable payloads
- ``outbox``    events that wait to be handed out: claim, acknowledge, try later
- ``replies``   what was answered to an idempotency key
- ``work``      the unit of work: the only way to change a row, and never without its event
- ``tables``    all of them together
"""
