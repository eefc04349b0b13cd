"""Every error Airworthy raises on purpose, as one tree.

AirworthyError
├── BadInput                 what a person or a file gave is wrong; a retry cannot help
│   ├── SpecInvalid          one or more problems in a spec, all reported at once
│   ├── SpecStale            the compiled spec no longer matches its YAML
│   ├── NotFound             nothing of that name or id
│   ├── PackageTampered      a file of a model package does not match its manifest
│   └── StepBadInput         a step says that what it was given is wrong
├── Rejected                 a declared rule said no; a result, not a crash
│   └── RunEnded             a run of ours ended short of its goal, and people know why
├── Conflict                 the state of the world does not allow it (now)
│   ├── FencedOut            somebody newer owns the endpoint
│   ├── StopRequested        people asked the rollout to stop; it may only end
│   └── DecisionClosed       answered before, expired, or not yours to answer
├── Forbidden                known caller, missing role
└── InfrastructureError      the outside failed; a retry may help
    ├── StoreUnavailable
    │   ├── ObjectMissing
    │   └── StoreFull
    ├── ControlPlaneUnavailable
    ├── ServingUnavailable
    │   └── MetricsUnavailable   counts cannot be known just now, under a named condition
    └── StepCrashed          a step ended without a word of its own: a signal, a bug, no memory
"""

from __future__ import annotations


class AirworthyError(Exception):
    """What happened, where, with which value, and what to do next."""

    def __init__(
        self, what: str, *, where: str = "", value: object = None, remedy: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the one-line form that people read in logs and on the command line."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        if self.value is not None:
            line += f" (got {self.value!r})"
        return f"{line}. {self.remedy}" if self.remedy else line


class BadInput(AirworthyError):
    """What a person or a file gave is wrong; retrying cannot help."""


class SpecInvalid(BadInput):
    """A spec has problems; ``problems`` holds every one of them as a printable line."""

    def __init__(self, problems: tuple[str, ...], *, where: str) -> None:
        super().__init__(f"{len(problems)} problem(s) in the spec", where=where, remedy="See below")
        self.problems = problems

    def __str__(self) -> str:
        """Return the headline and one line for each problem."""
        return "\n".join((f"{self.where}: {self.what}", *self.problems))


class SpecStale(BadInput):
    """The compiled spec no longer matches the YAML it was made from."""


class NotFound(BadInput):
    """There is nothing of that name or id."""


class PackageTampered(BadInput):
    """A file of a model package does not match its manifest."""


class StepBadInput(BadInput):
    """A step says that what it was given is wrong."""


class Rejected(AirworthyError):
    """A declared rule said no. This is a result, not a crash."""


class RunEnded(Rejected):
    """A run of ours ended short of its goal; whoever found out has told people before."""


class Conflict(AirworthyError):
    """The present state does not allow the change."""


class FencedOut(Conflict):
    """The caller's fencing token is older than the endpoint's."""


class StopRequested(Conflict):
    """People asked the rollout to stop; it goes no further and has to end."""


class DecisionClosed(Conflict):
    """The decision was answered before, or its deadline has passed."""


class Forbidden(AirworthyError):
    """The caller is known but lacks the role."""


class InfrastructureError(AirworthyError):
    """Something outside failed; retrying may help."""


class StoreUnavailable(InfrastructureError):
    """The object store cannot be reached or refused the operation."""


class ObjectMissing(StoreUnavailable):
    """No object at that URI."""


class StoreFull(StoreUnavailable):
    """No space is left in the object store."""


class ControlPlaneUnavailable(InfrastructureError):
    """The control plane cannot be reached or failed on its side."""


class ServingUnavailable(InfrastructureError):
    """The serving daemon or a model server cannot be reached."""


class MetricsUnavailable(ServingUnavailable):
    """What an endpoint's variants do cannot be known just now; ``condition`` names why."""

    def __init__(
        self,
        what: str,
        *,
        condition: str,
        where: str = "",
        value: object = None,
        remedy: str = "",
    ) -> None:
        super().__init__(what, where=where, value=value, remedy=remedy)
        self.condition = condition


class StepCrashed(InfrastructureError):
    """A step ended in no orderly way: a signal, an unexpected exit code, no memory."""
