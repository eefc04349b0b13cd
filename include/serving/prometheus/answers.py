"""The answers of Prometheus's HTTP API, as far as they are read; newer servers may say more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from include.serving.prometheus.series import Series


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    status: Literal["success"]
    warnings: tuple[str, ...] = ()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _ScalarData(_Part):
    resultType: Literal["scalar"]  # noqa: N815 - the API's own name
    result: tuple[float, float]


class Scalar(_Answer):
    """One number."""

    data: _ScalarData

    def value(self) -> float:
        """Return it."""
        return self.data.result[1]


class _MatrixSeries(_Part):
    metric: dict[str, str]
    values: tuple[tuple[float, float], ...] = ()


class _MatrixData(_Part):
    resultType: Literal["matrix"]  # noqa: N815 - the API's own name
    result: tuple[_MatrixSeries, ...]


class Matrix(_Answer):
    """Series of samples."""

    data: _MatrixData

    def value(self) -> tuple[Series, ...]:
        """Return them."""
        return tuple(
            Series(
                tuple(sorted((k, v) for k, v in one.metric.items() if k != "__name__")),
                one.values,
            )
            for one in self.data.result
        )


class _Entry(_Part):
    type: str
    unit: str = ""


@dataclass(frozen=True)
class Described:
    """What a scraped server says of a metric."""

    type: str
    unit: str


class Metadata(_Answer):
    """Descriptions of metrics."""

    data: dict[str, tuple[_Entry, ...]]

    def value(self, metric: str) -> tuple[Described, ...]:
        """Return those of one metric."""
        return tuple(Described(one.type, one.unit) for one in self.data.get(metric, ()))
