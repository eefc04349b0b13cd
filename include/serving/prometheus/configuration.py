"""What an installation says of its metrics: the ``evidence`` of the serving connection's extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from include.errors import BadInput
from include.serving.prometheus.selectors import Matcher, matchers, parse
from include.serving.prometheus.templates import KNOWN, TARGET, Templates, Unit

if TYPE_CHECKING:
    from include.serving.prometheus.selectors import Selector

_Address = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]


class _Configured(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TemplatesConfiguration(_Configured):
    """Selectors of an installation's own, as text; the fields are those of `Templates`."""

    presence: str
    requests: str
    errors: str = ""
    latency: str = ""
    predictions: str = ""
    code: str = "code"
    latency_unit: Unit = "seconds"
    target: tuple[str, ...] = Field(default=TARGET, min_length=1)

    def value(self) -> Templates:
        """Return them parsed.

        Raises:
            BadInput: one of them is no plain selector.
        """
        return Templates(
            presence=parse(self.presence),
            requests=parse(self.requests),
            errors=_optional(self.errors),
            latency=_optional(self.latency),
            predictions=_optional(self.predictions),
            code=self.code,
            unit=self.latency_unit,
            target=self.target,
        )


class _Templated(_Configured):
    templates: Literal["model_server", "traefik"] | TemplatesConfiguration = "model_server"
    matchers: str = Field(default="", description='Further matchers of all series: `cluster="a"`.')

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            self.selectors()
        except BadInput as error:
            raise ValueError(str(error)) from error
        return self

    def selectors(self) -> Templates:
        """Return the selectors."""
        known = self.templates if isinstance(self.templates, TemplatesConfiguration) else None
        chosen = known.value() if known else KNOWN[str(self.templates)]
        return chosen.with_matchers(self.further())

    def further(self) -> tuple[Matcher, ...]:
        """Return the further matchers."""
        return matchers(self.matchers)


class PrometheusConfiguration(_Templated):
    """Counts come from a Prometheus, or from what speaks its HTTP API."""

    kind: Literal["prometheus"]
    url: _Address = Field(description="Address below which `/api/v1` is.")
    token: SecretStr = Field(default=SecretStr(""), description="Bearer token; empty sends none.")
    ca_file: str = Field(default="", description="Certificates to trust beside the system's.")
    timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    scrape_seconds: float = Field(default=15.0, gt=0, le=300, description="Scrape interval.")
    lag_seconds: float = Field(
        default=5.0, ge=0, le=300, description="From a scrape until its samples can be asked for."
    )
    skew_seconds: float = Field(
        default=5.0, gt=0, le=60, description="How far its clock and ours may differ."
    )


class PodsConfiguration(_Templated):
    """Counts are read from the variants' own servers, without anybody between."""

    kind: Literal["pods"]
    path: str = Field(default="/metrics", pattern=r"^/[^\s?#]*$")
    timeout_seconds: float = Field(default=2.0, gt=0, le=60)
    notes: str = Field(
        default="",
        description="URI of a folder that keeps where counting began, so that a restart goes on.",
    )


EvidenceConfiguration = Annotated[
    PrometheusConfiguration | PodsConfiguration, Field(discriminator="kind")
]
_ADAPTER: TypeAdapter[PrometheusConfiguration | PodsConfiguration] = TypeAdapter(
    EvidenceConfiguration
)


def configured(extra: object) -> PrometheusConfiguration | PodsConfiguration:
    """Return the configuration from what a connection's extra says under ``evidence``.

    Raises:
        BadInput: it is none; the message names the fields and none of the values.
    """
    try:
        return _ADAPTER.validate_python(extra)
    except ValidationError as wrong:
        told = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in wrong.errors(include_input=False, include_url=False)
        )
        raise BadInput(
            told,
            where="extra.evidence of the serving connection",
            remedy='For example {"kind": "prometheus", "url": "http://prometheus:9090"}',
        ) from wrong


def _optional(text: str) -> Selector | None:
    return parse(text) if text else None
