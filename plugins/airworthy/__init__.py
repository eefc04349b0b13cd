"""Airworthy inside Airflow's API server, and the relay beside it.

- ``plugin``         what Airflow registers: the control plane, the console, the preload
- ``mounted``        the application with Airflow's log-in and the console's files (``bundle``)
- ``api``            the control plane: FastAPI, mounted in Airflow or alone
- ``ui``             the console's sources (React); ``ui/dist`` is built by the set-up
- ``schema``         the messages as the document that the console's types are made of
- ``relay``          hands out what waits in the outbox, closes what is overdue
- ``settings_file``  loads ``airflow_settings.yaml``
"""
