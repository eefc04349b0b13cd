"""Revisions of the database, applied by ``plugins.airworthy.api.migrate`` only."""
