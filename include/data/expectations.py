"""Statistical expectations about a batch, as a Great Expectations suite made from the spec.

Importing this module costs seconds; only ``validation`` does, when it comes to that.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

from include.data.report import ExpectationResult
from include.data.types import is_date
from include.spec.model import ColumnType, Role
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.data.types import Value
    from include.spec.model import Column, ColumnExpectation, Spec

_STATISTICS = {
    "mean": gxe.ExpectColumnMeanToBeBetween,
    "median": gxe.ExpectColumnMedianToBeBetween,
    "stdev": gxe.ExpectColumnStdevToBeBetween,
    "unique_count": gxe.ExpectColumnUniqueValueCountToBeBetween,
    "null_share": gxe.ExpectColumnProportionOfNonNullValuesToBeBetween,
}
_NULL_SHARE = "null_share"
_JUDGED = (Role.FEATURE, Role.TARGET, Role.PROTECTED, Role.TIME, Role.KEY)


@dataclass(frozen=True)
class Evaluated:
    """The results, and Great Expectations' own words as JSON (without times and run ids)."""

    results: tuple[ExpectationResult, ...]
    document: bytes


def evaluate(values: dict[str, list[Value]], spec: Spec) -> Evaluated:
    """Evaluate the spec's suite on typed rows.

    Besides the statistics that the spec names, the suite holds the set of columns, the number of
    rows, and null shares and ranges of the columns that a model or a judgement rests on; of those,
    a share of ``data.quality.max_quarantine_share`` may fail.

    Args:
        values: Columns of the contract as typed values, at least one row.
        spec: The model's spec.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset(spec.model)
    definition = asset.add_batch_definition_whole_dataframe("all")
    batch = definition.get_batch(batch_parameters={"dataframe": _frame(values, spec)})
    suite = gx.ExpectationSuite(name=spec.model, expectations=_suite(spec))
    found = batch.validate(suite, result_format="BASIC").to_json_dict()
    results = sorted((_plain(one) for one in found["results"]), key=_order)
    document = json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False).encode()
    return Evaluated(tuple(_result(one) for one in results), document)


def _suite(spec: Spec) -> list[Any]:
    columns, quality = spec.data.columns, spec.data.quality
    mostly = 1.0 - quality.max_quarantine_share
    judged = [column for column in columns if column.role in _JUDGED]
    return [
        gxe.ExpectTableColumnsToMatchOrderedList(column_list=[column.name for column in columns]),
        gxe.ExpectTableRowCountToBeBetween(min_value=quality.min_rows),
        *(
            gxe.ExpectColumnValuesToNotBeNull(column=column.name, mostly=mostly)
            for column in judged
            if not column.nullable
        ),
        *(_range(column, mostly) for column in judged if _has_range(column)),
        *(_statistic(expectation) for expectation in spec.data.expectations),
    ]


def _has_range(column: Column) -> bool:
    return column.minimum is not None or column.maximum is not None


def _range(column: Column, mostly: float) -> Any:
    return gxe.ExpectColumnValuesToBeBetween(
        column=column.name, min_value=column.minimum, max_value=column.maximum, mostly=mostly
    )


def _statistic(expectation: ColumnExpectation) -> Any:
    low, high = expectation.minimum, expectation.maximum
    if expectation.statistic == _NULL_SHARE:
        # Great Expectations counts the values that are there.
        low, high = (None if high is None else 1.0 - high), (None if low is None else 1.0 - low)
    meta = {
        "statistic": expectation.statistic,
        "minimum": expectation.minimum,
        "maximum": expectation.maximum,
    }
    kind = _STATISTICS[expectation.statistic]
    return kind(column=expectation.column, min_value=low, max_value=high, meta=meta)


def _frame(values: dict[str, list[Value]], spec: Spec) -> pd.DataFrame:
    return pd.DataFrame({
        column.name: _series(values[column.name], column.type) for column in spec.data.columns
    })


def _series(values: list[Value], kind: ColumnType) -> pd.Series:
    if kind is ColumnType.CATEGORY:
        return pd.Series(values, dtype="object")
    if kind is ColumnType.DATE:
        days = [value if is_date(value) else None for value in values]
        return pd.Series(pd.to_datetime(days, format="%Y-%m-%d"))
    return pd.Series(values, dtype="float64")


def _plain(result: dict[str, Any]) -> dict[str, Any]:
    """Keep of a result what is the same whenever the same rows are judged."""
    config = result["expectation_config"]
    kwargs = {name: value for name, value in config["kwargs"].items() if name != "batch_id"}
    return {
        "type": config["type"],
        "kwargs": kwargs,
        "meta": config.get("meta") or {},
        "success": bool(result["success"]),
        "result": _finite(result["result"]),
        "exception": _exception(result.get("exception_info") or {}),
    }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _exception(info: dict[str, Any]) -> str:
    """Return what went wrong while measuring; nothing where nothing did."""
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [str(one.get("exception_message")) for one in infos if one.get("raised_exception")]
    return "; ".join(messages)


def _order(result: dict[str, Any]) -> tuple[bool, str, str, str]:
    meta, kwargs = result["meta"], result["kwargs"]
    statistic = str(meta.get("statistic", ""))
    return (not statistic, str(kwargs.get("column", "")), statistic, result["type"])


def _result(result: dict[str, Any]) -> ExpectationResult:
    meta, kwargs, found = result["meta"], result["kwargs"], result["result"]
    statistic = meta.get("statistic", "")
    observed = found.get("observed_value", found.get("unexpected_count"))
    if isinstance(observed, list):
        observed = len(observed)
    if statistic == _NULL_SHARE and isinstance(observed, float):
        observed = round(1.0 - observed, 12)
    verdict = Verdict.PASS if result["success"] else Verdict.FAIL
    return ExpectationResult(
        expectation=result["type"],
        column=kwargs.get("column", ""),
        statistic=statistic,
        verdict=Verdict.ERROR if result["exception"] else verdict,
        observed=observed,
        minimum=meta.get("minimum", kwargs.get("min_value")),
        maximum=meta.get("maximum", kwargs.get("max_value")),
    )
