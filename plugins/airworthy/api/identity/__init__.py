"""Who is calling.

- ``authenticator``   the port, and the chain in which the prefix of a token decides who looks at it
- ``workload_token``  ten-minute tokens bound to a try of a task, signed with a key of our own
- ``signing_key``     that key: from the environment, or a private file made once
- ``corroboration``   whether Airflow says that a try is running
- ``token_file``      people and services of a control plane that runs alone
"""
