"""What the API server refuses; the sentences are those of a real one."""

from __future__ import annotations

import json

import pytest

from include.errors import BadInput, Forbidden, InfrastructureError
from include.pods.refusal import refusal, unreachable

QUOTA = (
    'pods "x" is forbidden: exceeded quota: few, requested: requests.cpu=1,requests.memory={asked},'
    " used: requests.cpu=0,requests.memory={used}, limited: requests.cpu=4,requests.memory=2Gi"
)


def body(message: str) -> str:
    return json.dumps({"kind": "Status", "status": "Failure", "message": message})


@pytest.mark.parametrize(
    ("status", "message", "kind", "said"),
    [
        (401, "Unauthorized", InfrastructureError, "a token may have expired"),
        (403, 'pods is forbidden: User "u" cannot create resource "pods"', Forbidden,
         "we lack a right in the cluster"),
        (403, QUOTA.format(asked="4Gi", used="0"), BadInput,
         "more requests.memory than the quota few allows at all"),
        (403, QUOTA.format(asked="1Gi", used="2Gi"), InfrastructureError,
         "the quota few is used up for now"),
        (403, 'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
         BadInput, "beyond a limit"),
        (403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot',
         BadInput, "pod security refuses it"),
        (404, 'namespaces "nowhere" not found', BadInput, "the API server refuses the pod"),
        (422, 'Pod "x" is invalid: spec.nodeSelector', BadInput, "the API server refuses the pod"),
        (500, "etcdserver: request timed out", InfrastructureError, "the API server answers 500"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_and_what_to_do(
    status: int, message: str, kind: type[Exception], said: str
) -> None:
    error = refusal(status, body(message))
    assert type(error) is kind
    assert said in str(error)
    assert error.remedy


def test_an_answer_that_is_no_json_is_told_as_it_is() -> None:
    assert "upstream connect error" in str(refusal(503, "upstream connect error"))


def test_silence_is_no_refusal() -> None:
    error = unreachable(ConnectionRefusedError("Connection refused"))
    assert str(error).startswith("Kubernetes: the API server does not answer (got 'Connection ref")
