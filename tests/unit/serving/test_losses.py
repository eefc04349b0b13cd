from __future__ import annotations

import pytest

from include.serving.losses import Loss, Row, loss_of


def probability(value: float, positive: str = "1", prediction: object = 1) -> Row:
    return Row(value, prediction, classes=True, positive=positive)


@pytest.mark.parametrize("label", [1, 1.0, True])
def test_a_probability_against_its_class(label: object) -> None:
    assert loss_of(probability(0.25), label) == Loss(1.0, 0.5625, 0.75)
    assert loss_of(probability(0.75), label) == Loss(0.0, 0.0625, 0.25)


def test_half_is_the_positive_side() -> None:
    assert loss_of(probability(0.5), 1) == Loss(0.0, 0.25, 0.5)
    assert loss_of(probability(0.5), 0) == Loss(1.0, 0.25, 0.5)


def test_classes_that_are_text_are_compared_with_the_positive_one() -> None:
    row = probability(0.75, positive="granted", prediction="granted")
    assert loss_of(row, "granted") == Loss(0.0, 0.0625, 0.25)
    assert loss_of(row, "refused") == Loss(1.0, 0.5625, 0.75)
    assert loss_of(row, True) == Loss(0.0, 0.0625, 0.25)
    assert loss_of(row, 1) is None


def test_classes_that_are_other_numbers() -> None:
    row = probability(0.75, positive="2", prediction=2)
    assert loss_of(row, 2) == loss_of(row, 2.0) == Loss(0.0, 0.0625, 0.25)
    assert loss_of(row, 1) == Loss(1.0, 0.5625, 0.75)


@pytest.mark.parametrize("label", ["1", "no", 7, 0.5, -1])
def test_a_label_of_another_kind_is_no_zero(label: object) -> None:
    assert loss_of(probability(0.75), label) is None


def test_a_class_alone_is_right_or_wrong() -> None:
    row = Row(None, 3, classes=True, positive="")
    assert loss_of(row, 3) == Loss(error=0.0)
    assert loss_of(row, 4) == Loss(error=1.0)
    assert loss_of(row, "3") is None
    assert loss_of(Row(None, "a", classes=True, positive=""), "b") == Loss(error=1.0)


def test_a_number_has_distances_and_no_class() -> None:
    row = Row(None, 10.0, classes=False, positive="")
    assert loss_of(row, 7) == Loss(None, 9.0, 3.0)
    assert loss_of(row, "7") is None
    assert loss_of(row, 1e200) is None


def test_a_row_without_prediction_has_no_loss() -> None:
    assert loss_of(Row(None, None, classes=False, positive=""), 1) is None


def test_differences_exist_where_both_losses_do() -> None:
    assert Loss(1.0, 0.5, None).minus(Loss(0.0, 0.75, 1.0)) == Loss(1.0, -0.25, None)
