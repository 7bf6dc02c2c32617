"""Past cases with their routes and outcomes as arrays, to replay them under another policy; kept in a file once read.

Reading tens of thousands of cases takes seconds, replaying them a fraction of one, and whoever tunes a policy replays
the same cases again and again: so the arrays are kept in a file, named by all that would change them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import time as time_now
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from cases.models import Case
from cases.states import Kind, State
from learning.label_models import MATURED
from learning.models import Label
from routing.actions import terms_of
from routing.case_facts import NOT_READ, facts_of
from routing.concentration import SHARES, Book, book_of, summed_at
from routing.facts import Facts
from routing.models import Policy, Route
from routing.policy import WAY_NAMES
from routing.product_fields import product_features
from routing.simulate import Past
from routing.table.columns import Coded, Column, FloatArray
from routing.terms import Terms
from scoring.models import Assessment

FORMAT: Final = 3
CHUNK: Final = 2000
LONGEST_DAYS: Final = 3650
KEPT_SECONDS: Final = 86_400
# One secret for the draws of every simulation, so that the same cases are drawn each time a line is moved.
DRAWS: Final = "simulation"
SEGMENTS: Final = ("region", "industry", "channel", "applicant_segment")
PLAIN_FACTS: Final = ("pd", "doubt", "cut_off", "exposure", "lgd", "rate", "term_months", "debts")
MARKS: Final = ("in_currency", "monitoring", "explained")
Progress = Callable[[int, int], None]


def last_days(days: int, *, product: str) -> tuple[date, date]:
    """The last so many days on which cases of the product arrived; those up to today where none did."""
    routed = Case.objects.filter(product=product, kind=Kind.APPLICATION, routes__isnull=False)
    last = routed.order_by("-applied_at").values_list("applied_at", flat=True).first()
    end = timezone.localdate(last) if last else timezone.localdate()
    return end - timedelta(days=min(days, LONGEST_DAYS) - 1), end


def load_past(product: str, since: date, until: date, *, progress: Progress | None = None) -> Past:
    """The applications of a product from `since` to `until` (both included) that were routed, by their last route; no
    policy decides about the monitoring of booked loans.

    Days are those of the application: a book that was taken in on one day came over months.
    """
    return read_kept(keep_past(product, since, until, progress=progress))


def keep_past(product: str, since: date, until: date, *, progress: Progress | None = None) -> str:
    """Reads these cases into a file unless they are there. Returns the name that `read_kept` knows them by: it is
    another as soon as they are others."""
    path = _path(product, since, until)
    if not path.exists():
        _write(path, _from_database(product, since, until, progress or (lambda done, total: None)))
        _drop_old(product, path)
    return path.stem


def kept_as(product: str, since: date, until: date) -> str | None:
    """The name of these cases as they are now; None while they are not in a file."""
    path = _path(product, since, until)
    return path.stem if path.exists() else None


def is_kept(name: str) -> bool:
    """Whether cases of that name are there."""
    return _file_of(name).exists()


def read_kept(name: str) -> Past:
    """The cases of that name. Raises FileNotFoundError."""
    return _read(_file_of(name))


def count_past(product: str, since: date, until: date) -> int:
    """How many routes there are to read."""
    return int(_routes(product, since, until).count())


def _routes(product: str, since: date, until: date) -> Any:
    start, end = _start_of(since), _start_of(until + timedelta(days=1))
    return Route.objects.filter(
        case__product=product, case__kind=Kind.APPLICATION, case__applied_at__gte=start, case__applied_at__lt=end
    )


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _path(product: str, since: date, until: date) -> Path:
    """Where these cases are kept: another route, outcome, field or policy means another file."""
    known = {
        "format": FORMAT,
        "product": product,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "route": _routes(product, since, until).aggregate(last=Max("pk"))["last"],
        "label": Label.objects.filter(case__product=product).aggregate(last=Max("pk"))["last"],
        "book": _moment(summed_at(product)),
        "fields": [[field.key, field.type] for field in product_features(product)],
    }
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    return _file_of(f"{product}-{digest[:24]}")


def _file_of(name: str) -> Path:
    return Path(settings.VAR) / "past" / f"{name}.npz"


def _drop_old(product: str, newest: Path) -> None:
    """Deletes what nobody has written for a day; who reads such a file at this moment goes on reading."""
    for path in newest.parent.glob(f"{product}-*.npz"):
        if path != newest and path.stat().st_mtime < time_now() - KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _terms(product: str) -> Terms:
    """The terms in force, or usual ones: of a version only its fields matter here."""
    policy = Policy.objects.filter(product=product).exclude(status__in=("draft", "tested")).order_by("-pk").first()
    return terms_of(policy) if policy else Terms(0.1, None, 0.2, 0.5, 1.0, "CNY", 0.0, 24.0)


def _from_database(product: str, since: date, until: date, progress: Progress) -> Past:
    latest = _routes(product, since, until).order_by("case_id", "-pk").distinct("case_id")
    columns = ("case__applied_at", "case_id", "assessment_id", "way", *(f"inputs__{key}" for key in SHARES))
    found = sorted(latest.values_list(*columns))
    terms = replace(_terms(product), features=product_features(product))
    fields = tuple(terms.kinds.all_fields)
    parts: list[Facts] = []
    book = book_of(product)
    for first in range(0, len(found), CHUNK):
        parts.append(_chunk(terms, found[first : first + CHUNK], fields, book))
        progress(min(first + CHUNK, len(found)), len(found))
    facts = _joined(parts) if parts else facts_of(terms, [], {}, secret=DRAWS, fields=fields)
    keys = np.array([row[1] for row in found], dtype=np.int64)
    days = [(timezone.localdate(row[0]) - since).days for row in found]
    return Past(
        facts=replace(facts, day=np.array(days, dtype=np.int32)),
        case=keys,
        was=np.array([WAY_NAMES.index(row[3]) for row in found], dtype=np.int8),
        bad=_outcomes(product, keys),
        days=(until - since).days + 1,
        segments={name: column for name in SEGMENTS if isinstance(column := facts.columns.get(name), Coded)},
        book={
            "as_of": _moment(book.as_of),
            "kept": {key: sum(row[place] is not None for row in found) for place, key in enumerate(SHARES, 4)},
        },
    )


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _chunk(terms: Terms, rows: Sequence[tuple[Any, ...]], fields: Sequence[str], book: Book) -> Facts:
    cases = Case.objects.filter(pk__in=[row[1] for row in rows]).defer(*NOT_READ).select_related("applicant").in_bulk()
    assessments = Assessment.objects.only(
        "case_id", "model_id", "pd", "points", "doubt", "cut_off", "explanation_holds"
    ).filter(pk__in=[row[2] for row in rows if row[2]])
    by_case = {assessment.case_id: assessment for assessment in assessments}
    mine = [cases[row[1]] for row in rows]
    facts = facts_of(terms, mine, by_case, secret=DRAWS, fields=fields)
    # A loan that was granted is in the book already: its own amount counts once.
    held = np.array([case.state == State.APPROVED for case in mine], dtype=np.bool_)
    words = {dimension: Coded.of([getattr(case, dimension) for case in mine]) for dimension in SHARES.values()}
    shares = book.shares(words, facts.exposure, np.zeros(len(mine), dtype=np.bool_), held=held)
    for place, key in enumerate(SHARES, 4):
        # What the case was routed on, where that was kept, before what is so today.
        kept = np.array([np.nan if row[place] is None else float(row[place]) for row in rows])
        shares[key] = np.where(np.isnan(kept), shares[key], kept)
    return replace(facts, columns={**facts.columns, **shares})


def _outcomes(product: str, keys: np.ndarray[Any, np.dtype[np.int64]]) -> FloatArray:
    """1 where the loan turned bad, 0 where it did not (both matured), NaN where it is not known yet."""
    labels = Label.objects.filter(case__product=product, source__in=MATURED).order_by("case_id", "-observed_at", "-id")
    known = dict(labels.distinct("case_id").values_list("case_id", "is_bad"))
    return np.array([float(bool(known[key])) if key in known else np.nan for key in keys.tolist()], dtype=np.float64)


def _joined(parts: Sequence[Facts]) -> Facts:
    """Facts of several chunks as one."""
    first = parts[0]
    plain: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in (*PLAIN_FACTS, *MARKS)
    }
    return replace(
        first,
        key=[key for part in parts for key in part.key],
        columns={name: _joined_column([part.columns[name] for part in parts]) for name in first.columns},
        applicant=_joined_words([part.applicant for part in parts]),
        draws={arm: np.concatenate([part.draws[arm] for part in parts]) for arm in first.draws},
        **plain,
    )


def _joined_column(parts: Sequence[Column]) -> Column:
    words = [part for part in parts if isinstance(part, Coded)]
    return _joined_words(words) if words else np.concatenate([part for part in parts if not isinstance(part, Coded)])


def _joined_words(parts: Sequence[Coded]) -> Coded:
    return Coded.of([word for part in parts for word in _spelled(part)])


def _spelled(column: Coded) -> Iterator[str | None]:
    return (column.words[code] if code >= 0 else None for code in column.codes.tolist())


def _write(path: Path, past: Past) -> None:
    """Under another name first: who reads at the same moment finds the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    facts, coded = past.facts, {}
    arrays: dict[str, Any] = {"case": past.case, "was": past.was, "bad": past.bad, "day": facts.day}
    arrays |= {f"fact {name}": getattr(facts, name) for name in (*PLAIN_FACTS, *MARKS)}
    arrays |= {f"draw {arm}": drawn for arm, drawn in facts.draws.items()}
    for name, column in {**facts.columns, "applicant id": facts.applicant}.items():
        if isinstance(column, Coded):
            coded[name] = list(column.words)
        arrays[f"column {name}"] = column.codes if isinstance(column, Coded) else column
    told = json.dumps({"days": past.days, "words": coded, "segments": list(past.segments), "book": dict(past.book)})
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with aside.open("wb") as file:
        np.savez(file, told=np.frombuffer(told.encode(), dtype=np.uint8), **arrays)
    os.replace(aside, path)


def _read(path: Path) -> Past:
    with np.load(path, allow_pickle=False) as kept:
        told = json.loads(kept["told"].tobytes())
        arrays = {name: kept[name] for name in kept.files}
    columns: dict[str, Column] = {
        name: Coded(values, tuple(told["words"][name])) if name in told["words"] else values
        for name, values in _named(arrays, "column ").items()
    }
    applicant = columns.pop("applicant id")
    plain = _named(arrays, "fact ")
    facts = Facts(
        key=[""] * len(arrays["case"]),
        columns=columns,
        applicant=applicant,  # type: ignore[arg-type]
        draws=_named(arrays, "draw "),
        day=arrays["day"],
        **plain,
    )
    segments = {name: columns[name] for name in told["segments"]}
    return Past(facts, arrays["case"], arrays["was"], arrays["bad"], told["days"], segments, told["book"])  # type: ignore[arg-type]


def _named(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}
