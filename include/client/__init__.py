"""The one way to the control plane from tasks, triggers, the command line and the relay.

``messages`` is the border: every body that travels. ``control_plane`` has one method a route
(``ControlPlane``), ``asynchronous`` those that triggers need. ``workload`` exchanges the
environment's workload secret for a short token. Below them ``transport`` sends with bounded
retries, ``paths`` says where, ``retries`` when, and ``problems`` turns answers back into the
error tree.
"""
