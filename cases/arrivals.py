"""How cases come to be: insert what is new, recognise what is known, and write the first event of each."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from cases.bulk import insert_new, update_rows
from cases.models import Applicant, Case
from cases.move import Move, move_cases, record_births, require_transaction
from cases.states import State

# What of a new case comes from its sender.
CASE_FIELDS: Final = (
    "external_ref",
    "content_hash",
    "kind",
    "product",
    "industry",
    "region",
    "channel",
    "amount",
    "currency",
    "term_months",
    "applied_at",
    "applicant",
    "features",
    "derived",
    "findings",
)
APPLICANT_KEY: Final = ("source", "external_id")
# What is said of an applicant, and counts for all of their cases.
APPLICANT_SAID: Final = ("name", "segment", "key_customer")
HOLD: Final = "hold"
MARK: Final = "mark"
NEW_CASE_VALUES: Final[Mapping[str, Any]] = {
    "state": State.RECEIVED.value,
    "version": 1,
    "attempts": 0,
    **dict.fromkeys(("taken_by", "last_error", "advice", "outcome", "decided_by"), ""),
    "why": [],
}


@dataclass(frozen=True)
class NewCase:
    """A checked case as it enters. `findings` are what the quality gate found; it goes on when each is only a mark.

    `amount` is in `currency`, `applied_at` is aware, `content_hash` is over what the sender gave, `earlier_hashes` are
    over it as it was read before an upgrade, where that differs. `applicant_told` are those of APPLICANT_SAID that the
    sender told: what stands for the others is only what a new applicant begins with.
    """

    external_ref: str
    content_hash: str
    kind: str
    product: str
    industry: str
    region: str
    channel: str
    amount: Decimal
    currency: str
    term_months: int
    applied_at: datetime
    applicant_ref: str
    applicant_name: str
    segment: str
    key_customer: bool
    features: Mapping[str, Any]
    derived: Sequence[str] = field(default_factory=tuple)
    findings: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    earlier_hashes: Collection[str] = ()
    applicant_told: Collection[str] = APPLICANT_SAID

    def is_as(self, content_hash: str) -> bool:
        """Whether this is the content on record, as it is read now or was read when the case came."""
        return content_hash == self.content_hash or content_hash in self.earlier_hashes


class Arrival(enum.Enum):
    """What became of one arriving case."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Receipt:
    """What became of a chunk, in the order in which it was given: the verdict and the case's key, one each; and the
    applicants of the new cases, by the case's key."""

    verdicts: list[Arrival]
    keys: list[int]
    applicants: dict[int, int] = field(default_factory=dict)

    def accepted(self) -> list[tuple[int, int]]:
        """(position in the chunk, key) of the new cases."""
        return self._with(Arrival.ACCEPTED)

    def known(self) -> list[tuple[int, int]]:
        """(position in the chunk, key) of what came as it is on record."""
        return self._with(Arrival.DUPLICATE)

    def conflicting(self) -> list[tuple[int, int]]:
        """(position in the chunk, key) of what tells otherwise of a case on record."""
        return self._with(Arrival.CONFLICT)

    def _with(self, verdict: Arrival) -> list[tuple[int, int]]:
        return [(at, key) for at, key in enumerate(self.keys) if self.verdicts[at] is verdict]


def insert_cases(
    source: str, arrivals: Sequence[NewCase], *, entered_by: int | None, facts: Mapping[str, Any]
) -> Receipt:
    """Insert a chunk of one source's cases. Runs inside the caller's transaction.

    The same `external_ref` twice in a chunk: the first one counts, the later is compared with it. Two senders with the
    same case at the same time: the unique constraint lets one in, the other finds it as known.
    """
    require_transaction()
    first: dict[str, NewCase] = {}
    for arrival in arrivals:
        first.setdefault(arrival.external_ref, arrival)
    # What is on record already must not touch its applicant either: an old file sent again is no news about a person.
    known = _known_references(source, list(first))
    fresh = [arrival for ref, arrival in first.items() if ref not in known]
    applicants = keep_applicants(source, fresh)
    new_keys = insert_new(
        Case,
        CASE_FIELDS,
        [_case_row(arrival, applicants[arrival.applicant_ref]) for arrival in fresh],
        conflict=("source", "external_ref"),
        same={"source": source, "entered_by": entered_by, **NEW_CASE_VALUES},
    )
    accepted = {ref: key for (_, ref), key in new_keys.items()}
    record_births(sorted(accepted.values()), facts=facts)
    held = {ref: [each for each in first[ref].findings if holds(each)] for ref in accepted}
    move_cases("hold", [Move(key, 1, facts={"findings": held[ref]}) for ref, key in accepted.items() if held[ref]])
    receipt = _receipt(source, arrivals, first, accepted)
    return replace(receipt, applicants={key: applicants[first[ref].applicant_ref] for ref, key in accepted.items()})


def _known_references(source: str, references: list[str]) -> set[str]:
    """Those that are on record. Written out, because every post asks it, and to compose a query takes several times as
    long as to answer it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_ref FROM cases_case WHERE source = %s AND external_ref = ANY(%s)", [source, references]
        )
        return {reference for (reference,) in cursor.fetchall()}


def holds(finding: Mapping[str, Any]) -> bool:
    """Whether a case waits for a person because of it. A finding that says nothing of its severity does hold."""
    return bool(finding.get("severity", HOLD) != MARK)


def move_on(name: str, moves: Sequence[Move]) -> list[int]:
    """Move held cases by this step, each with the findings that it has from then on; what holds them still, holds them
    again. Returns the keys of those that nobody else had in hand."""
    moved = move_cases(name, moves)
    by_key = {move.case_id: move for move in moves}
    again = {key: [each for each in by_key[key].changes["findings"] if holds(each)] for key in moved}
    move_cases(
        "hold",
        [Move(key, by_key[key].version + 1, facts={"findings": each}) for key, each in again.items() if each],
    )
    return moved


def _receipt(
    source: str, arrivals: Sequence[NewCase], first: Mapping[str, NewCase], accepted: Mapping[str, int]
) -> Receipt:
    """Compare what was not new with what is on record: the same content is a duplicate, other content a conflict."""
    is_new = [arrival.external_ref in accepted and first[arrival.external_ref] is arrival for arrival in arrivals]
    known = {arrival.external_ref for arrival, new in zip(arrivals, is_new, strict=True) if not new}
    on_record = Case.objects.filter(source=source, external_ref__in=known) if known else Case.objects.none()
    stored = {
        ref: (key, content_hash)
        for ref, key, content_hash in on_record.values_list("external_ref", "pk", "content_hash")
    }
    receipt = Receipt([], [])
    for arrival, new in zip(arrivals, is_new, strict=True):
        ref = arrival.external_ref
        key, content_hash = (accepted[ref], arrival.content_hash) if new else stored[ref]
        same = Arrival.DUPLICATE if arrival.is_as(content_hash) else Arrival.CONFLICT
        receipt.verdicts.append(Arrival.ACCEPTED if new else same)
        receipt.keys.append(key)
    return receipt


def _case_row(arrival: NewCase, applicant_id: int) -> tuple[Any, ...]:
    return (
        arrival.external_ref,
        arrival.content_hash,
        arrival.kind,
        arrival.product,
        arrival.industry,
        arrival.region,
        arrival.channel,
        arrival.amount,
        arrival.currency,
        arrival.term_months,
        arrival.applied_at,
        applicant_id,
        dict(arrival.features),
        list(arrival.derived),
        [dict(finding) for finding in arrival.findings],
    )


def keep_applicants(source: str, arrivals: Sequence[NewCase]) -> dict[str, int]:
    """Keys of the applicants by their reference. The newest that was told of them wins; what a case does not tell takes
    nothing away: a key customer stays one though another system leaves that out.

    Rows are written, and locked, in the order of the reference, so that two chunks with the same people cannot
    deadlock. Two that bring one person at once: the unique constraint lets one in, the other renews what it told.
    """
    first: dict[str, NewCase] = {}
    told: dict[str, dict[str, Any]] = {}
    for arrival in arrivals:
        first.setdefault(arrival.applicant_ref, arrival)
        said = _said(arrival)
        told.setdefault(arrival.applicant_ref, {}).update({name: said[name] for name in arrival.applicant_told})
    begin = {ref: {**_said(arrival), **told[ref]} for ref, arrival in sorted(first.items())}
    rows = [(source, ref, *each.values()) for ref, each in begin.items()]
    new = insert_new(Applicant, (*APPLICANT_KEY, *APPLICANT_SAID), rows, conflict=APPLICANT_KEY)
    keys = {ref: key for (_source, ref), key in new.items()}
    changed = []
    others = [ref for ref in begin if ref not in keys]
    known = Applicant.objects.filter(source=source, external_id__in=others) if others else Applicant.objects.none()
    for each in known.order_by("external_id").select_for_update():
        keys[each.external_id] = each.pk
        before = {name: getattr(each, name) for name in APPLICANT_SAID}
        after = before | told[each.external_id]
        if after != before:
            changed.append((each.pk, *after.values()))
    update_rows(Applicant, ("id", *APPLICANT_SAID), changed)
    return keys


def _said(arrival: NewCase) -> dict[str, Any]:
    return {"name": arrival.applicant_name, "segment": arrival.segment, "key_customer": arrival.key_customer}
