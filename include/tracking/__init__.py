"""Everything that knows MLflow; nothing else imports it.

``flavor`` writes a fitted pipeline as an MLflow model, the same bytes for the same model. ``runs``
publishes a training as an MLflow run, once for each step key. ``migrate`` brings the tracking
database to this MLflow's schema before anybody writes to it.
"""
