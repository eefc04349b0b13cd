"""What every algorithm must do."""

from __future__ import annotations

import difflib

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.spec.model import Task
from include.training import algorithms
from include.training.digest import model_digest
from include.training.fit import fit
from include.training.serialization import dumps, loads

pytestmark = pytest.mark.steps


@pytest.fixture(params=sorted(algorithms.ALGORITHMS))
def algorithm(request):
    return algorithms.ALGORITHMS[request.param]


@pytest.fixture
def spec(algorithm, toy):
    return toy.spec() if algorithm.task is Task.CLASSIFICATION else toy.regression()


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
        with pytest.raises(BadInput, match=rf"training\.parameters\.{name}"):
            algorithm.parameters({name: -5.0})

    def test_builds_an_unfitted_pipeline_of_exactly_the_features(self, algorithm, spec):
        features = spec.data.features[:2]
        pipeline = algorithm.build(spec, features)
        assert isinstance(pipeline, Pipeline)
        assert not hasattr(pipeline, "n_features_in_")
        used = {
            name
            for _, _, names in pipeline.named_steps["preprocessing"].transformers
            for name in names
        }
        assert used == {column.name for column in features}

    def test_bad_parameter_in_the_spec_stops_the_build(self, algorithm, spec):
        training = spec.training.model_copy(update={"parameters": {"nonsense": 1}})
        bad = spec.model_copy(update={"training": training})
        with pytest.raises(BadInput, match="nonsense"):
            algorithm.build(bad, spec.data.features)

    def test_fitting_twice_gives_the_same_model_and_file(self, spec, toy):
        first, second = fit(spec, toy.rows()).model, fit(spec, toy.rows()).model
        assert model_digest(first, toy.rows()) == model_digest(second, toy.rows())
        assert dumps(first.pipeline) == dumps(second.pipeline)

    def test_order_of_probe_rows_does_not_matter(self, spec, toy):
        model, rows = fit(spec, toy.rows()).model, toy.rows()
        assert model_digest(model, rows) == model_digest(model, rows.iloc[::-1])

    def test_survives_being_stored(self, spec, toy):
        model, rows = fit(spec, toy.rows()).model, toy.rows()
        again = type(model)(loads(dumps(model.pipeline)), model.features, model.classes)
        assert np.array_equal(model.predict(rows).scores, again.predict(rows).scores)

    def test_learns_something(self, spec, toy):
        said = fit(spec, toy.rows()).model.predict(toy.rows(seed=8)).scores
        assert np.corrcoef(said, toy.rows(seed=8)["verdict"].astype(float))[0, 1] > 0.3
