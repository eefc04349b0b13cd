"""Airflow connections as typed clients: ``airworthy`` (control plane) and ``serving``."""
