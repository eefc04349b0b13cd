"""What the control plane does: each action reads, asks a rule of ``include``, writes, and tells.

An action gets a unit of work and a message, and returns a message. It never commits.

- ``registering`` versions · ``serving`` endpoints · ``rolling`` rollouts · ``staging`` their stages
- ``stopping`` rollouts · ``going_back`` to earlier versions · ``deciding`` decisions
- ``alerting`` alerts · ``running`` runs · ``tokens`` workload tokens
"""
