"""Registers Airworthy where it lies in the plugins folder and is not installed.

Airflow executes each file of that folder; registering twice would be an import error.
"""

from importlib.metadata import entry_points

if not entry_points(group="airflow.plugins", name="airworthy"):
    from plugins.airworthy.plugin import AirworthyPlugin as AirworthyPlugin
