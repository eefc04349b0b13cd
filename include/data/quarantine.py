"""Parting a batch: every row lands in exactly one of two outputs, and that is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from include import digest
from include.data.dataset import DatasetVersion, describe
from include.data.report import RuleCount, Violation
from include.data.violations import summary
from include.errors import BadInput, Rejected
from include.spec.base import Strict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.data.rows import Rows
    from include.spec.model import Spec


class QuarantinedRow(Strict):
    """One line of ``rows.jsonl``: a row set aside, as it arrived, with every reason."""

    row_key: str = Field(description="Key of the row.")
    partition: str = Field(description="Partition that it came with.")
    line: int = Field(description="Line of the partition's file.")
    raw: str = Field(description="The row's text.")
    violations: tuple[Violation, ...] = Field(description="Rules that it breaks.")


class QuarantineBatch(Strict):
    """``batch.json``: what was set aside from one dataset version.

    ``rows_in = passed + quarantined``, and the same for the sums of the rows' SHA-256 (modulo
    2**256, 64 hexadecimal digits): no row is lost, doubled or changed.
    """

    format: int = Field(default=1, description="Version of this file's format.")
    digest: str = Field(description="Digest of dataset, quarantined rows and reasons.")
    model: str = Field(description="Name of the model.")
    dataset: str = Field(description="Digest of the dataset version that was parted.")
    passed_dataset: str = Field(description="Digest of the dataset version of the other rows.")
    rows_in: int = Field(description="Rows before.")
    passed: int = Field(description="Rows that went on.")
    quarantined: int = Field(description="Rows set aside.")
    hash_sum_in: str = Field(description="Sum of the hashes of all rows.")
    hash_sum_passed: str = Field(description="Sum of the hashes of the rows that went on.")
    hash_sum_quarantined: str = Field(description="Sum of the hashes of the rows set aside.")
    rules: tuple[RuleCount, ...] = Field(description="Rules that the rows break.")
    rows_sha256: str = Field(description="SHA-256 of `rows.jsonl`.")


@dataclass(frozen=True)
class Parted:
    """A batch in its two halves."""

    batch: QuarantineBatch
    lines: bytes
    clean: DatasetVersion
    clean_rows: Rows


@dataclass(frozen=True)
class Halves:
    """Rows that go on and rows that are set aside, each in the order they came."""

    passed: Rows
    quarantined: Rows


def halve(rows: Rows, bad: frozenset[str]) -> Halves:
    """Part rows by their keys.

    Raises:
        BadInput: a key is of no row.
        Rejected: the halves do not add up to the whole.
    """
    unknown = bad - set(rows.keys)
    if unknown:
        remedy = "Validate this dataset version again"
        raise BadInput(
            "a violation of no row", where="quarantine", value=min(unknown), remedy=remedy
        )
    aside = [place for place, key in enumerate(rows.keys) if key in bad]
    on = [place for place, key in enumerate(rows.keys) if key not in bad]
    halves = Halves(rows.take(on), rows.take(aside))
    check(rows, halves)
    return halves


def check(rows: Rows, halves: Halves) -> None:
    """Raise ``Rejected`` unless the halves are disjoint and together are the whole."""
    passed, aside = halves.passed, halves.quarantined
    total = (passed.hash_sum() + aside.hash_sum()) % (1 << 256)
    whole = len(passed) + len(aside) == len(rows) and total == rows.hash_sum()
    if not whole or set(passed.keys) & set(aside.keys):
        value = f"{len(rows)} in, {len(passed)} passed, {len(aside)} set aside"
        raise Rejected("the quarantine does not add up", where="quarantine", value=value)


def part(
    dataset: DatasetVersion, rows: Rows, violations: Sequence[Violation], spec: Spec
) -> Parted:
    """Set the rows that break a rule aside and make a dataset version of the others.

    Raises:
        BadInput: a violation names a row that is not there, or no row is left.
        Rejected: the halves do not add up to the whole.
    """
    halves = halve(rows, frozenset(violation.row_key for violation in violations))
    if not len(halves.passed):
        raise BadInput("no row is left", where="quarantine", value=f"{len(rows)} set aside")
    root = dataset.uri.rpartition("/datasets/")[0]
    clean = describe(halves.passed, spec, root, dataset.sources)
    clean = clean.model_copy(update={"parents": (dataset.digest,), "absent": dataset.absent})
    lines = _lines(halves.quarantined, violations)
    batch = QuarantineBatch(
        digest=digest.of_json([dataset.digest, digest.of_bytes(lines)]),
        model=spec.model,
        dataset=dataset.digest,
        passed_dataset=clean.digest,
        rows_in=len(rows),
        passed=len(halves.passed),
        quarantined=len(halves.quarantined),
        hash_sum_in=f"{rows.hash_sum():064x}",
        hash_sum_passed=f"{halves.passed.hash_sum():064x}",
        hash_sum_quarantined=f"{halves.quarantined.hash_sum():064x}",
        rules=summary(violations),
        rows_sha256=digest.of_bytes(lines),
    )
    return Parted(batch, lines, clean, halves.passed)


def _lines(rows: Rows, violations: Sequence[Violation]) -> bytes:
    reasons: dict[str, list[Violation]] = {}
    for violation in violations:
        reasons.setdefault(violation.row_key, []).append(violation)
    places = zip(rows.keys, rows.partitions, rows.lines, rows.raws, strict=True)
    documents = (
        QuarantinedRow(
            row_key=key, partition=partition, line=line, raw=raw, violations=tuple(reasons[key])
        )
        for key, partition, line, raw in places
    )
    return b"".join(digest.canonical(one.model_dump(mode="json")) + b"\n" for one in documents)
