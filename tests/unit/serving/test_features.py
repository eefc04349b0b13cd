"""Requests are held against the contract of the features, and the column at fault is named."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadInput
from include.serving.features import FeatureContract, FeatureRule
from include.serving.inference import Tensor, from_instances, from_tensors

pytestmark = pytest.mark.steps

GOOD = {"income": 1.5, "years": 3, "owner": True, "town": "Ames", "grade": "2"}
KINDS = {"income": "FP64", "years": "INT64", "owner": "BOOL", "town": "BYTES", "grade": "BYTES"}


@pytest.fixture(scope="module")
def contract(toy):
    known = {"town": ("Ames", "Bath", "Cork"), "grade": ("1", "2", "3")}
    return FeatureContract(
        model="toy",
        task="classification",
        features=tuple(
            FeatureRule(column=column, known=known.get(column.name, ()))
            for column in toy.spec().data.features
        ),
        labels=(0, 1),
        positive=1,
        max_rows=5,
    )


def tensors(rows=1, **changes):
    cells = GOOD | changes
    return tuple(
        Tensor(name, KINDS[name], (rows,), [value] * rows) for name, value in cells.items()
    )


class TestRows:
    def test_good_row_in_the_order_of_the_contract(self, contract):
        row = dict(reversed(GOOD.items()))
        assert from_instances(contract, [row]).rows == ((1.5, 3, True, "Ames", "2"),)

    def test_both_protocols_say_the_same(self, contract):
        assert from_instances(contract, [GOOD] * 2) == from_tensors(contract, tensors(2))

    def test_nullable_column_may_be_null_or_left_out(self, contract):
        partial = {name: value for name, value in GOOD.items() if name != "town"}
        assert from_instances(contract, [partial]).rows[0][3] is None
        assert from_instances(contract, [GOOD | {"years": None}]).rows[0][1] is None

    def test_unknown_category_is_said(self, contract):
        batch = from_instances(contract, [GOOD | {"town": "Oslo"}, GOOD])
        assert batch.unknown == ("town=Oslo",)

    @pytest.mark.parametrize("value", [2, "2"])
    def test_coded_category_as_number_or_text(self, contract, value):
        assert from_instances(contract, [GOOD | {"grade": value}]).rows[0][4] == "2"

    @pytest.mark.parametrize("value", [1, 1.0])
    def test_whole_number_in_a_number_column(self, contract, value):
        assert from_instances(contract, [GOOD | {"income": value}]).rows[0][0] == 1.0

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("income", None, "missing"),
            ("income", "1.5", "not a number"),
            ("income", True, "not a number"),
            ("income", math.nan, "finite"),
            ("income", math.inf, "finite"),
            ("income", 100.5, "out of range"),
            ("income", -(10**400), "out of range"),
            ("income", [1.0], "not a number"),
            ("income", {}, "not a number"),
            ("years", 1.5, "whole number"),
            ("years", 2**60, "whole number"),
            ("years", "3", "whole number"),
            ("owner", "yes", "true or false"),
            ("owner", 2, "true or false"),
            ("owner", None, "missing"),
            ("town", 1.5, "text"),
            ("town", True, "text"),
            ("grade", "9", "Allowed: 1, 2, 3"),
            ("grade", "", "Allowed: 1, 2, 3"),
            ("grade", None, "missing"),
        ],
    )
    def test_bad_cell_names_its_column(self, contract, name, value, told):
        with pytest.raises(BadInput, match=told) as caught:
            from_instances(contract, [GOOD, GOOD | {name: value}])
        assert caught.value.where == name

    @pytest.mark.parametrize("body", [None, 3, "rows", {}, [3], [None], [[]], []])
    def test_not_rows(self, contract, body):
        with pytest.raises(BadInput):
            from_instances(contract, body)

    def test_unknown_column_names_the_nearest(self, contract):
        with pytest.raises(BadInput, match=r"incomes: no such column\. Nearest: income"):
            from_instances(contract, [GOOD | {"incomes": 1}])

    def test_missing_column(self, contract):
        with pytest.raises(BadInput, match="income"):
            from_instances(contract, [{"years": 1}])

    def test_column_missing_in_one_row(self, contract):
        with pytest.raises(BadInput, match="income"):
            from_instances(contract, [GOOD, {n: v for n, v in GOOD.items() if n != "income"}])

    def test_too_many_rows(self, contract):
        with pytest.raises(BadInput, match="at most 5"):
            from_instances(contract, [GOOD] * 6)


class TestTensors:
    @pytest.mark.parametrize("kind", ["FP64", "BYTES", "BOOL", "int64", "", "OBJECT"])
    def test_wrong_datatype(self, contract, kind):
        given_ = tuple(
            Tensor(t.name, kind, t.shape, t.data) if t.name == "years" else t for t in tensors()
        )
        with pytest.raises(BadInput, match=r"years: wrong datatype.*Send INT64"):
            from_tensors(contract, given_)

    @pytest.mark.parametrize("shape", [(), (2,), (-1,), (1, 2), (0,)])
    def test_shape_that_does_not_fit(self, contract, shape):
        given_ = (Tensor("income", "FP64", shape, [1.0]), *tensors()[1:])
        with pytest.raises(BadInput, match="income: the shape does not fit"):
            from_tensors(contract, given_)

    @pytest.mark.parametrize("data", [[1.5], [[1.5]]])
    def test_column_shape(self, contract, data):
        given_ = (Tensor("income", "FP64", (1, 1), data), *tensors()[1:])
        assert from_tensors(contract, given_).rows[0][0] == 1.5

    def test_unequal_lengths(self, contract):
        given_ = (Tensor("income", "FP64", (2,), [1.0, 2.0]), *tensors()[1:])
        with pytest.raises(BadInput, match="unequal length"):
            from_tensors(contract, given_)

    def test_column_twice(self, contract):
        with pytest.raises(BadInput, match="income: the column is there twice"):
            from_tensors(contract, (*tensors(), tensors()[0]))

    def test_nullable_column_may_be_left_out(self, contract):
        partial = tuple(tensor for tensor in tensors(2) if tensor.name != "town")
        assert [row[3] for row in from_tensors(contract, partial).rows] == [None, None]

    def test_required_column_may_not(self, contract):
        partial = tuple(tensor for tensor in tensors() if tensor.name != "grade")
        with pytest.raises(BadInput, match=r"grade: a column is missing\. Send every one of"):
            from_tensors(contract, partial)

    def test_no_rows(self, contract):
        with pytest.raises(BadInput, match="no rows"):
            from_tensors(contract, tensors(0))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


class TestAnything:
    @given(cell=JSON, name=st.sampled_from(sorted(GOOD)))
    def test_any_cell_is_taken_or_refused_in_words_that_can_be_sent(self, contract, cell, name):
        told = ""
        with contextlib.suppress(BadInput):
            try:
                assert len(from_instances(contract, [GOOD | {name: cell}]).rows) == 1
            except BadInput as error:
                told = json.dumps(str(error), ensure_ascii=False)
                raise
        assert len(told.encode()) < 800

    @given(body=JSON)
    def test_any_body_is_taken_or_refused(self, contract, body):
        with pytest.raises(BadInput):
            from_instances(contract, body)
