"""Manifests, byte for byte as they were approved, and by the schemas of whoever reads them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include import digest
from include.errors import BadInput
from include.serving.kserve import budget, istio, rendering
from include.serving.kserve.recipes import Sight, next_step
from include.serving.kserve.records import Record
from include.serving.kserve.shape import Entry, Exposure, Scaling, Shape, merged, shaped
from include.serving.kserve.wanting import goal_of
from include.spec.serving import Autoscaling, Serving
from tests.unit.serving.kserve.conftest import INSTALLATION, variant

if TYPE_CHECKING:
    from include.serving.endpoint import Endpoint

GOLDEN = Path(__file__).parent / "golden"
SIZING = Serving(
    replicas=2, cpu="1500m", cpu_limit="2000m", memory="1024Mi", memory_limit="2Gi",
    autoscaling=Autoscaling(most=4), max_unavailable=1,
)  # fmt: skip


def endpoint(sizing: Serving = SIZING, **weights: int) -> Endpoint:
    from include.serving.endpoint import Endpoint

    variants = tuple(variant(f"{name[1:]}.0.0", share) for name, share in weights.items())
    return Endpoint("mortgage_approval", "mortgage_approval", 7, "rollout-7", 3, variants, sizing)


def shape(sizing: Serving = SIZING, **weights: int) -> Shape:
    """Return what the wish becomes beside a live first version."""
    first = next_step(None, goal_of(endpoint(sizing, v1=100), None, (), INSTALLATION), Sight())
    assert first.write is not None
    goal = goal_of(endpoint(sizing, **weights), first.write, (), INSTALLATION)
    return next_step(first.write, goal, Sight()).write or first.write


def manifest(made: Shape, wanted: Endpoint) -> str:
    record = Record(wanted, rendering.spec_of(made), ("v0-9-0-aaaaaaaa",))
    return rendering.manifest_of("mortgage-approval", made, record, "")


def agrees(name: str, *texts: str) -> None:
    """Compare with the approved manifests; AIRWORTHY_APPROVE=1 approves what is there."""
    told = "".join(json.dumps(json.loads(text), indent=1) + "\n" for text in texts)
    file = GOLDEN / f"{name}.json"
    if os.environ.get("AIRWORTHY_APPROVE"):
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "weights"),
    [("live", {"v1": 100}), ("dark", {"v1": 100, "v2": 0}), ("stage_25", {"v1": 75, "v2": 25})],
)
def test_an_inference_service(name: str, weights: dict[str, int]) -> None:
    agrees(name, manifest(shape(**weights), endpoint(**weights)))


def test_a_first_version_in_the_dark_and_a_service_that_is_stopped() -> None:
    dark = next_step(None, goal_of(endpoint(v1=0), None, (), INSTALLATION), Sight()).write
    assert dark is not None
    stopped = shaped(dark.stable, (), Exposure.STOPPED, dark.scaling)
    agrees("dark_first_and_stopped", manifest(dark, endpoint(v1=0)), manifest(stopped, endpoint()))


def test_a_disruption_budget() -> None:
    agrees("budget", budget.manifest_of("mortgage-approval", "uid-1", "mortgage_approval", 1))


def test_the_same_split_for_istio() -> None:
    hosts, gateways = ("mortgage.example.com",), ("istio-system/ingress",)
    made = istio.manifests_of("mortgage-approval", "models", shape(v1=75, v2=25), hosts, gateways)
    agrees("istio", *made)
    for text in made:
        one = json.loads(text)
        schema = json.loads((GOLDEN / f"{one['kind']}.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(one, schema)
    with pytest.raises(BadInput):
        istio.manifests_of("x", "models", shape(v1=100), (), gateways)


def test_what_is_never_written() -> None:
    for weights in ({"v1": 100}, {"v1": 75, "v2": 25}):
        text = manifest(shape(**weights), endpoint(**weights))
        assert "canaryTrafficPercent" not in text
        spec = json.loads(text)["spec"]
        for entry in spec["canary"]:
            fixed = {"maxReplicas", "scaleTarget", "scaleMetric", "autoScaling"}
            assert not fixed & set(entry["predictor"])
            assert entry["predictor"]["minReplicas"] >= 1
            assert entry["predictor"]["minReplicas"] <= spec["predictor"]["minReplicas"]


def test_a_canary_does_not_grow_and_may_get_everything() -> None:
    made = shape(v1=75, v2=25)
    assert (made.stable.replicas, made.canaries[0].replicas) == (2, 4)
    predictor = json.loads(rendering.spec_of(made))["predictor"]
    assert (predictor["minReplicas"], predictor["maxReplicas"]) == (6, 8)


def test_quantities_are_written_as_kubernetes_writes_them() -> None:
    resources = json.loads(shape(v1=100).stable.body)["model"]["resources"]
    assert resources == {
        "requests": {"cpu": "1500m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    }


BODIES = st.recursive(
    st.one_of(st.text(max_size=3), st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
TREES = st.dictionaries(st.sampled_from("abc"), BODIES, max_size=3)


@settings(deadline=None)
@given(TREES, TREES)
def test_a_merged_body_laid_over_again_changes_nothing(
    stable: dict[str, Any], canary: dict[str, Any]
) -> None:
    once = merged(digest.canonical(stable).decode(), digest.canonical(canary).decode())
    assert merged(once, digest.canonical(canary).decode()) == once


@given(
    st.integers(0, 100),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from((Scaling(), Scaling(most=9, metric="memory", target=60))),
    st.sampled_from(list(Exposure)),
)
def test_a_shape_comes_back_as_it_was_written(
    percent: int, base: int, replicas: int, scaling: Scaling, exposure: Exposure
) -> None:
    def entry(name: str, share: int, count: int) -> Entry:
        body = json.dumps(
            {"labels": {"endpoint": name}, "model": {"storageUri": f"s3://{name}"}},
            separators=(",", ":"),
        )
        return Entry(name, name, f"s3://{name}", share, count, body)

    made = shaped(entry("a", 100, base), (entry("b", percent, replicas),), exposure, scaling)
    spec = json.loads(rendering.spec_of(made))
    assert rendering.shape_of(spec, exposure, grows=bool(scaling.most)) == made
