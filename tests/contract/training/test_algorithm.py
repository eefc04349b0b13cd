"""What every algorithm must do, for each task it can do."""

from __future__ import annotations

import difflib
import subprocess
import sys

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.spec.model import Task
from include.training import algorithms
from include.training.digest import model_digest
from include.training.fit import fit
from include.training.knobs import Choice
from include.training.serialization import dumps, loads

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SMALL = {
    "forest": {"trees": 15},
    "xgboost": {"rounds": 60},
    "network": {"epochs": 8, "width": 16, "learning_rate": 0.02},
}
PAIRS = [
    (name, task) for name, found in algorithms.ALGORITHMS.items() for task in sorted(found.tasks)
]


@pytest.fixture(params=PAIRS, ids=["-".join(pair) for pair in PAIRS])
def pair(request):
    return request.param


@pytest.fixture
def algorithm(pair):
    return algorithms.ALGORITHMS[pair[0]]


@pytest.fixture
def task(pair):
    return pair[1]


@pytest.fixture
def spec(pair, toy):
    name, task = pair
    make = toy.spec if task is Task.CLASSIFICATION else toy.regression
    parameters = {name: SMALL[name]} if name in SMALL else {}
    return make(training={"candidates": [name], "parameters": parameters})


class TestAlgorithm:
    def test_is_known_by_its_own_name(self, algorithm):
        assert algorithms.ALGORITHMS[algorithm.name] is algorithm

    def test_has_a_default_for_each_parameter(self, algorithm):
        assert algorithm.parameters({}).model_dump()

    def test_parameters_are_frozen(self, algorithm):
        parameters = algorithm.parameters({})
        name = next(iter(type(parameters).model_fields))
        with pytest.raises(ValueError, match="frozen"):
            setattr(parameters, name, 1)

    def test_unknown_parameter_names_the_nearest(self, algorithm):
        known = list(type(algorithm.parameters({})).model_fields)
        wrong = f"{known[0]}x"
        with pytest.raises(BadInput, match="unknown parameter") as caught:
            algorithm.parameters({wrong: 1})
        assert difflib.get_close_matches(wrong, known, n=1, cutoff=0.0)[0] in str(caught.value)

    def test_value_out_of_range_is_refused_with_its_place(self, algorithm):
        name = next(iter(type(algorithm.parameters({})).model_fields))
        with pytest.raises(BadInput, match=rf"training\.parameters\.{algorithm.name}\.{name}"):
            algorithm.parameters({name: -5.0})

    def test_what_is_searched_are_parameters_within_their_ranges(self, algorithm, task):
        for knob in algorithm.knobs(task):
            ends = knob.options if isinstance(knob, Choice) else (knob.low, knob.high)
            for value in ends:
                assert algorithm.parameters({knob.name: value}).model_dump()[knob.name] == value

    def test_defaults_lie_in_what_is_searched(self, algorithm, task):
        defaults = algorithm.parameters({}).model_dump()
        for knob in algorithm.knobs(task):
            value = defaults[knob.name]
            if isinstance(knob, Choice):
                assert value in knob.options
            else:
                assert knob.low <= value <= knob.high

    def test_builds_an_unfitted_pipeline_of_exactly_the_features(self, algorithm, spec):
        features = spec.data.features[:2]
        pipeline = algorithm.build(algorithms.recipe(spec), features)
        assert isinstance(pipeline, Pipeline)
        assert not hasattr(pipeline, "n_features_in_")
        used = {
            name
            for _, _, names in pipeline.named_steps["preprocessing"].transformers
            for name in names
        }
        assert used == {column.name for column in features}

    def test_bad_parameter_in_the_spec_stops_the_build(self, algorithm, spec):
        parameters = {algorithm.name: {"nonsense": 1}}
        training = spec.training.model_copy(update={"parameters": parameters})
        with pytest.raises(BadInput, match="nonsense"):
            algorithms.recipe(spec.model_copy(update={"training": training}))

    def test_fitting_twice_gives_the_same_model_and_file(self, spec, toy):
        first, second = fit(spec, toy.rows()).model, fit(spec, toy.rows()).model
        assert model_digest(first, toy.rows()) == model_digest(second, toy.rows())
        assert dumps(first.pipeline) == dumps(second.pipeline)

    def test_other_rows_give_another_digest(self, spec, toy):
        first, second = fit(spec, toy.rows()).model, fit(spec, toy.rows(seed=8)).model
        assert model_digest(first, toy.rows()) != model_digest(second, toy.rows())

    def test_order_of_probe_rows_does_not_matter(self, spec, toy):
        model, rows = fit(spec, toy.rows()).model, toy.rows()
        assert model_digest(model, rows) == model_digest(model, rows.iloc[::-1])

    def test_survives_being_stored(self, spec, toy):
        model, rows = fit(spec, toy.rows()).model, toy.rows()
        again = type(model)(loads(dumps(model.pipeline)), model.features, model.classes)
        assert np.array_equal(model.predict(rows).scores, again.predict(rows).scores)
        assert dumps(again.pipeline) == dumps(model.pipeline)

    def test_learns_something(self, algorithm, spec, toy):
        said = fit(spec, toy.rows()).model.predict(toy.rows(seed=8)).scores
        if algorithm.name == algorithms.BASELINE:
            assert len(set(said)) == 1
            return
        assert np.corrcoef(said, toy.rows(seed=8)["verdict"].astype(float))[0, 1] > 0.3

    def test_answers_a_value_never_seen_and_a_missing_one(self, spec, toy):
        model = fit(spec, toy.rows()).model
        assert np.isfinite(model.predict(toy.rows(20).assign(town="Oslo")).scores).all()
        assert np.isfinite(model.predict(toy.rows(20).assign(town=None, years=None)).scores).all()

    def test_takes_ten_thousand_categories(self, spec, toy):
        rows = toy.rows(10_000).assign(town=[f"town {n}" for n in range(10_000)])
        model = fit(spec, rows).model
        assert len(model.vocabulary()["town"]) == 10_000
        assert np.isfinite(model.predict(toy.rows(20)).scores).all()

    def test_answers_one_row_like_many(self, spec, toy):
        model, rows = fit(spec, toy.rows()).model, toy.rows(20)
        alone = [model.predict(rows.iloc[[place]]).scores[0] for place in range(len(rows))]
        assert np.allclose(alone, model.predict(rows).scores, rtol=1e-9, atol=1e-12)


def test_no_model_needs_tensorflow_to_answer():
    code = (
        "import sys; import include.serving.loaded, include.training.algorithms;"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
