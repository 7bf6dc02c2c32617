"""Training sets as files: labelled cases as they stood when they were decided, named by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cases.models import Case, Signature
from cases.signoff import put_right_by
from learning.models import Label
from scoring.actions import model_row

# Loaded where it is used: a worker that trains nothing and reads no table does without its memory.
if TYPE_CHECKING:
    import pyarrow as pa

ID_COLUMNS: Final = (
    "case_ref", "source", "external_ref", "applied_at", "case_version", "label_id", "label_source", "label_maturity",
    "label_propensity", "label_basis", "label_weight", "observed_at", "is_bad", "case_region", "case_industry",
    "case_channel",
)  # fmt: skip

# Whole numbers below this are the same as numbers with a point; larger ones are kept as those.
LARGEST_WHOLE: Final = 2**53


@dataclass(frozen=True)
class LabelledRow:
    """One case with its outcome. `values` is what a model may read, as of version `case_version`, the decision
    (`learning/as_decided.py`); by its region, industry and channel a model is judged, and reads none of these columns.
    `label_weight` is the base weight by source over the propensity, capped, mean 1 over the set; without a propensity a
    loan stands for itself alone."""

    case_ref: str
    source: str
    external_ref: str
    applied_at: str
    case_version: int
    label_id: int
    label_source: str
    label_maturity: float
    label_propensity: float | None
    label_basis: str
    label_weight: float
    observed_at: str
    is_bad: bool
    case_region: str
    case_industry: str
    case_channel: str
    values: dict[str, Any]

    def flat(self) -> dict[str, Any]:
        return beside({name: getattr(self, name) for name in ID_COLUMNS}, self.values)


def beside(columns: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Our columns and a case's values in one row. A feature that has the name of one of our columns is renamed
    `feature_<name>`: what a sender calls `is_bad` must not become the outcome."""
    return columns | {f"feature_{name}" if name in columns else name: value for name, value in values.items()}


def label_rows(product: str | None = None) -> Iterator[dict[str, Any]]:
    """Every label as a flat row: what it says, who gave it and when, beside what a model may read of its case. Reasons
    that a signer put right are told as they hold, with who says so (`reasons_by`)."""
    people = ("person", "review__reviewer", "signature__review__reviewer", "signature__signer")
    labels = Label.objects.select_related("case", *people).order_by("pk")
    labels = labels.prefetch_related("review__signatures__signer")
    if product:
        labels = labels.filter(case__product=product)
    for label in labels.iterator(chunk_size=2000):
        case = label.case
        columns = {
            "label": label.pk,
            "case_ref": case.ref,
            "source": case.source,
            "external_ref": case.external_ref,
            "product": case.product,
            "applied_at": case.applied_at.isoformat(),
            "label_source": label.source,
            "is_bad": label.is_bad,
            "label_exclusion": label.exclusion,
            "label_maturity": label.maturity,
            "label_propensity": label.propensity,
            "label_basis": label.basis,
            "blind_agreeing": label.blind_agreeing,
            "outcome": label.outcome,
            "agrees_with_advice": label.agrees_with_advice,
            **_reasons(label),
            "person": label.person.username if label.person else "",
            "given_by": label.given_by,
            "observed_at": label.observed_at.isoformat(),
            "recorded_at": label.recorded_at.isoformat(),
            "pd": case.pd,
            "advice": case.advice,
        }
        yield beside(columns, _readable(case))


def _reasons(label: Label) -> dict[str, str]:
    """The reasons for what this label says, and the user name of whoever gave them; both "" where it gives none."""
    signature = put_right_by(label.review) if label.review else label.signature
    review = label.review or (signature.review if signature else None)
    if review is None or (signature is not None and signature.verdict != Signature.Verdict.CONFIRM):
        return {"reason_codes": "", "reasons_by": ""}
    codes, by = review.reason_codes, review.reviewer
    if signature is not None and signature.corrected_codes is not None:
        codes, by = signature.corrected_codes, signature.signer
    return {"reason_codes": " ".join(codes), "reasons_by": by.username}


def _readable(case: Case) -> dict[str, Any]:
    """What a model may read of a case, without the time of application, which is a column of ours already."""
    return {name: value for name, value in model_row(case).items() if name != "applied_at"}


def content_hash(rows: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) over rows as `read_table` gives them: of each its JSON with sorted keys, no ASCII escapes and
    Python's default separators, in UTF-8, and a line feed. Whoever has the file can repeat it."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def as_kept(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as their file will give them back: every column in each, one type a column."""
    kept: list[dict[str, Any]] = _table(rows).to_pylist()
    return kept


def write_table(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows as Parquet. A column that mixes texts and numbers is written as text; nothing is guessed."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pq.write_table(_table(rows), draft)
    draft.replace(path)


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of `write_table`."""
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and all(value is None or abs(value) < LARGEST_WHOLE for value in values):
        return pa.array(values, type=pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], type=pa.float64())
    if len(kinds) == 1:
        return pa.array(values)
    return pa.array([None if value is None else str(value) for value in values], type=pa.string())
