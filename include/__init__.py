"""The thinking half of Airworthy: plain Python that imports neither Airflow nor Kubernetes.

Arrows point down this list; a package may import what stands below it, never above.

- ``cli``         the ``airworthy`` command
- ``embedded``    the suite on one machine: set-up, processes, demo
- ``replay``      held-back rows as traffic
- ``compliance``  the evidence of a live version as a report, and its gaps
- ``pods``        a step as a pod: what is asked of Kubernetes, and what its answers mean
- ``steps``       ``python -m include.steps.<name>``: every piece of ML work behind one contract
- ``data`` ``training`` ``evaluation`` ``tracking`` ``serving``   what steps and daemon compute
- ``registry`` ``rollout`` ``decisions`` ``alerts`` ``audit`` ``relay``   rules of the control plane
- ``access``      who is calling it, and what they may do
- ``client``      typed HTTP client of the control plane and the messages it speaks
- ``spec``        what people write: one YAML file per model
- ``store``       objects by URI, content addressed, written atomically
- ``errors`` ``verdict`` ``clock`` ``digest`` ``logs``   the words everything else uses
"""
