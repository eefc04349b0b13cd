"""Runs of our DAGs, seen from outside Airflow: how they ended, and why.

``ending`` turns the states of a run's tasks and their results into the one state and the one
reason that people read.
"""
