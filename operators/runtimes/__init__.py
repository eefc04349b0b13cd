"""Where a step runs.

``protocol`` says what an operator asks of a runtime and what it learns; ``local`` starts the step
as a process of this machine, ``pods`` as a pod; ``choice`` picks the one that the installation is
set to; ``speech`` reads what a step prints.
"""
