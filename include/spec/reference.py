"""Writes ``docs/reference/spec.md``: every field with type, default and meaning, and every rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from include.spec import checks, data_checks
from include.spec.compute import QUANTITY
from include.spec.fields import choices, submodel
from include.spec.model import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_HEAD = """# Spec reference

One YAML file per model, `dags/models/<model>.yaml`, declares the whole life of that model. This page
is generated from the code by `airworthy spec docs`.

## Files

| file | what it is |
|---|---|
| `dags/models/<model>.yaml` | the spec; its `defaults:` list may pull in shared files |
| `dags/models/defaults/*.yaml` | shared parts: `- defaults/alerts@alerts` puts `alerts.yaml` at `alerts`; `_self_` is the spec itself, later entries win |
| `dags/models/environments/<environment>/<model>.yaml` | what is different in one environment; lies on top (optional) |
| `dags/compiled/<model>.json` | the resolved spec with the origin of each value; written by `airworthy spec compile`, committed, refused when stale |

A list replaces a list, a mapping is merged into a mapping, `${path.to.value}` repeats another value. The first line
`# yaml-language-server: $schema=../../docs/reference/spec.schema.json` lets editors complete and check.

| command | what it does |
|---|---|
| `airworthy spec new MODEL --from FILE.csv --target COLUMN` | drafts a spec; the values only a person can give are marked `# decide` |
| `airworthy spec check [MODEL...]` | lists every problem as `file:line:column`, also a stale compiled spec |
| `airworthy spec compile [MODEL...] [--environment NAME]` | writes the compiled specs |
| `airworthy spec show MODEL [--origins]` | prints the resolved spec, or where each value came from |
| `airworthy spec schema` | prints the JSON Schema |
| `airworthy spec docs` | writes this page and the schema |

Exit codes: 0 done, 1 problems, 2 wrong usage.
"""  # noqa: E501  (rows of a table cannot be wrapped)
_LIMITS = ((Ge, "ge", ">="), (Gt, "gt", ">"), (Le, "le", "<="), (Lt, "lt", "<"))
_MANY = {str(tuple): "[]", str(dict): ".<name>"}
_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "date",
    NoneType: "",
}


@dataclass(frozen=True)
class _Part:
    """One part of the spec.

    Attributes:
        path: Where it stands.
        part: Its fields.
        given: What holds where it is left out as a whole; None where there is no such thing.
    """

    path: str
    part: type[BaseModel]
    given: BaseModel | None


def reference() -> bytes:
    """Return the reference page as a file's bytes."""
    parts = [_HEAD, "## Fields\n", *map(_section, _parts("", Spec))]
    return "\n".join([*parts, _rules(), _vocabulary()]).encode()


def _parts(path: str, part: type[BaseModel], given: BaseModel | None = None) -> Iterator[_Part]:
    """Yield each part in the order in which it is met, with the defaults that hold there."""
    yield _Part(path, part, given)
    for name, info in part.model_fields.items():
        inner = submodel(info.annotation)
        if inner:
            many = _MANY.get(str(get_origin(info.annotation)), "")
            value = _default_of(name, info, given)
            held = value if isinstance(value, BaseModel) else None
            yield from _parts(f"{path}.{name}{many}".lstrip("."), inner, held)


def _section(one: _Part) -> str:
    title = f"### `{one.path}`" if one.path else "### The spec"
    rows = [_row(name, info, one.given) for name, info in one.part.model_fields.items()]
    table = "\n".join(["| field | type | default | description |", "|---|---|---|---|", *rows])
    summary = (one.part.__doc__ or "").strip().splitlines()[0].replace("``", "`")
    return f"{title}\n\n{summary}\n\n{table}\n"


def _row(name: str, info: FieldInfo, given: BaseModel | None) -> str:
    kind = _kind(info.annotation, info.metadata).replace("|", "\\|")
    return f"| `{name}` | {kind} | {_shown(name, info, given)} | {info.description} |"


def _default_of(name: str, info: FieldInfo, given: BaseModel | None) -> object:
    """Return what holds where a field is left out: the part around it may say otherwise."""
    if given is not None:
        return getattr(given, name)
    return None if info.is_required() else info.get_default(call_default_factory=True)


def _shown(name: str, info: FieldInfo, given: BaseModel | None) -> str:
    if info.is_required():
        return "required"
    value = _default_of(name, info, given)
    if isinstance(value, BaseModel):
        return "as below"
    if value in (None, "", (), {}):
        return "none"
    if isinstance(value, float):
        return f"`{value:g}`"
    shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"`{shown.lower() if isinstance(value, bool) else shown}`"


def _kind(annotation: Any, metadata: list[Any]) -> str:
    names = choices(annotation)
    if names:
        return " \\| ".join(f"`{name}`" for name in names).replace("\\|", "or")
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _kind(inner, more)
    patterns = [item.pattern for item in metadata if getattr(item, "pattern", None)]
    if patterns:
        return "quantity" if QUANTITY in patterns else "name"
    if origin is tuple:
        inner = get_args(annotation)[0]
        return "list, see below" if submodel(inner) else f"list of {_kind(inner, [])}"
    if origin is dict:
        held = submodel(get_args(annotation)[1])
        return "mapping of names, see below" if held else "mapping of names to values"
    if origin in {Union, UnionType}:
        return _one_of(annotation)
    if submodel(annotation):
        return "see below"
    return _WORDS[annotation] + _limits(metadata)


def _one_of(annotation: object) -> str:
    words = [_kind(inner, []) for inner in get_args(annotation)]
    given = list(dict.fromkeys(word for word in words if word))
    return given[0] if len(given) == 1 else "text, number, true or false"


def _limits(metadata: list[Any]) -> str:
    found = [
        f"{sign} {getattr(item, attribute):g}"
        for item in metadata
        for kind, attribute, sign in _LIMITS
        if isinstance(item, kind)
    ]
    return f" ({', '.join(found)})" if found else ""


def _rules() -> str:
    said = [check.__doc__ or "" for check in (*data_checks.CHECKS, *checks.CHECKS)]
    lines = "\n".join(f"- {text.strip()}" for text in said)
    head = "## Rules across fields\n\nThe compiler checks them all and reports every breach."
    return f"{head}\n\n{lines}\n"


def _vocabulary() -> str:
    rows = [
        f"| {task} | {', '.join(checks.ALGORITHMS[task])} | {', '.join(checks.METRICS[task])} |"
        for task in checks.METRICS
    ]
    head = "## Algorithms and metrics\n\n| task | algorithms | metrics |\n|---|---|---|"
    return "\n".join([head, *rows, ""])
