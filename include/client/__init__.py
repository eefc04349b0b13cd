"""The one way to the control plane from tasks, triggers, the command line and the relay.

``messages`` is the border: every body that travels. ``control_plane`` has one method a route
(``ControlPlane``; ``AsyncControlPlane`` for triggers). ``workload`` exchanges the environment's
workload secret for a short token. Below them ``transport`` sends with bounded retries,
``retries`` says when, and ``problems`` turns answers back into the error tree.
"""
