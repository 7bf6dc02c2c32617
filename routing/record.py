"""What is kept of a case's route, in plain JSON: all that is needed to read it and to decide it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from routing.facts import Facts
from routing.fields import INCOME
from routing.policy import APPROVE, DECLINE, NO_ADVICE, TIER_BEYOND, TIER_NOT_SCORED, WAY_NAMES, Routed
from routing.route_reasons import Reason, reasons_of
from routing.table.columns import Coded, Column
from routing.table.tables import Table
from routing.terms import Terms

# The reason of cases that a breaker keeps from the machine.
BREAKER_OPEN: Final = "breaker_open"
# Asked for whatever the tables ask: an auditor reads them beside the trace.
ALWAYS: Final = ("amount", "pd", "points", "doubt", "key_customer")


@dataclass(frozen=True)
class RouteRecord:
    """One route as it is stored; the fields are those of the model `Route`, beside `sla_hours`,
    `blind_rank` and `blind_hours`, the rank and the hours of a case whose score is hidden."""

    way: str
    advice: str
    reasons: list[Reason]
    tier: int
    rank: float
    sla_hours: float
    row: str = ""
    trace: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    thresholds: dict[str, Any] = field(default_factory=dict)
    economics: dict[str, Any] = field(default_factory=dict)
    limit: dict[str, Any] = field(default_factory=dict)
    signing: dict[str, Any] = field(default_factory=dict)
    capacity: dict[str, Any] = field(default_factory=dict)
    is_audit: bool = False
    audit_probability: float = 0.0
    is_exploration: bool = False
    exploration_probability: float = 0.0
    blind_rank: float = 0.0
    blind_hours: float = 0.0


def records_of(terms: Terms, facts: Facts, routed: Routed) -> list[RouteRecord]:
    """What is kept of each of n routes."""
    keys = used_fields(terms)
    return [
        RouteRecord(
            way=WAY_NAMES[routed.way[at]],
            advice="" if routed.advice[at] == NO_ADVICE else WAY_NAMES[routed.advice[at]],
            reasons=reasons_of(terms, facts, routed, at),
            tier=int(routed.tier[at]),
            rank=float(routed.rank[at]),
            sla_hours=float(routed.sla_hours[at]),
            row=terms.rules.row_id(int(routed.ways.row[at])),
            trace=trace_of(routed, at),
            inputs=inputs_of(keys, routed.columns, at),
            thresholds=thresholds_of(routed, at),
            economics=economics_of(facts, routed, at),
            limit=limit_of(terms, facts, routed, at),
            signing=signing_of(terms, routed, at),
            capacity=capacity_of(facts, routed, at),
            is_audit=bool(routed.audit[at]),
            audit_probability=float(routed.audit_probability[at]),
            is_exploration=bool(routed.explored[at]),
            exploration_probability=float(routed.exploration_probability[at]),
            blind_rank=float(routed.blind_rank[at]),
            blind_hours=float(routed.blind_hours[at]),
        )
        for at in range(len(routed))
    ]


def to_people(code: str, *, sla_hours: float, **params: str) -> RouteRecord:
    """Where a case goes that no policy could judge."""
    reasons: list[Reason] = [{"code": code, "params": params}]
    return RouteRecord("review", "", reasons, TIER_NOT_SCORED, 0.0, sla_hours, blind_hours=sla_hours)


def held_back(record: RouteRecord, reason: Reason, *, sla_hours: float) -> RouteRecord:
    """The route of a case that the machine may not decide for now: to people, without an advice that cannot be relied
    on, and with why. Where it was to be seen by people anyway it keeps its reasons, its place and its time."""
    is_seen = record.way == "review"
    return replace(
        record,
        way="review",
        advice="",
        reasons=[reason, *(record.reasons if is_seen else [])],
        tier=record.tier if is_seen else TIER_NOT_SCORED,
        rank=record.rank if is_seen else 0.0,
        sla_hours=record.sla_hours if is_seen else sla_hours,
        blind_hours=record.blind_hours if is_seen else sla_hours,
        is_exploration=False,
    )


def plain(value: float) -> float | None:
    """A figure as JSON knows it: neither NaN nor infinity is one."""
    value = float(value)
    return value if math.isfinite(value) else None


def used_fields(terms: Terms) -> tuple[str, ...]:
    """The fields that some table of the version asks about, and those that are always kept, in one fixed order. What
    only a decision will tell (`outcome`, `override`) is no fact of the case."""
    asked = {key for table in tables_of(terms).values() for row in table.rows for key, _cell in row.used}
    asked |= {terms.segment_by} if terms.segment_by else set()
    asked |= {INCOME.key} if terms.limits is not None else set()
    fields = terms.kinds.all_fields
    return tuple(key for key in fields if fields[key].source != "person" and (key in asked or key in ALWAYS))


def tables_of(terms: Terms) -> dict[str, Table]:
    """The tables of a version by kind."""
    tables = {"rules": terms.rules, "signatures": terms.signatures}
    return tables | ({"limits": terms.limits} if terms.limits else {})


def value_at(column: Column | None, at: int) -> float | str | None:
    """One case's value of a field; None where it is missing."""
    if column is None:
        return None
    if isinstance(column, Coded):
        return column.words[column.codes[at]] if column.codes[at] >= 0 else None
    return plain(column[at])


def inputs_of(keys: tuple[str, ...], columns: Mapping[str, Column], at: int) -> dict[str, float | str | None]:
    """The values of these fields of one case."""
    return {key: value_at(columns.get(key), at) for key in keys}


def trace_of(routed: Routed, at: int) -> str:
    """The state of every cell of the rules table, two bits each, in hexadecimal."""
    return np.ascontiguousarray(routed.hits.trace[at]).tobytes().hex()


def thresholds_of(routed: Routed, at: int) -> dict[str, Any]:
    """The lines that this case was measured by, and whose they are ("" everybody's)."""
    lines = routed.derived.lines
    place = int(lines.segment[at])
    return {
        "approve_below": plain(lines.approve_below[at]),
        "cut_off": plain(lines.cut_off[at]),
        "decline_above": plain(lines.decline_above[at]),
        "segment": lines.segments[place] if place >= 0 else "",
    }


def economics_of(facts: Facts, routed: Routed, at: int) -> dict[str, float | None]:
    """What each decision is expected to cost, in the case's currency."""
    return {
        "exposure": plain(facts.exposure[at]),
        "loss_given_default": plain(facts.lgd[at]),
        "margin": plain(routed.margin[at]),
        "cut_off": plain(facts.cut_off[at]),
        "cost_of_approval": plain(routed.costs.approve[at]),
        "cost_of_decline": plain(routed.costs.decline[at]),
        "saving_of_look": plain(routed.saving[at]),
    }


def limit_of(terms: Terms, facts: Facts, routed: Routed, at: int) -> dict[str, Any]:
    """What the limit matrix grants; {} where the version has none."""
    granted = routed.granted
    if granted is None or terms.limits is None:
        return {}
    place = int(granted.row[at])
    row = terms.limits.rows[place] if 0 <= place < len(terms.limits.rows) else None
    return {
        "limit": plain(granted.limit[at]),
        "granted": plain(granted.granted[at]),
        "row": terms.limits.row_id(place) if place >= 0 else "",
        "words": {"en": row.en, "zh": row.zh} if row else {"en": "", "zh": ""},
        "expected_loss": plain(granted.expected_loss[at]),
        "debt_service": plain(granted.yearly_service[at]),
        "debt_service_share": plain(granted.service_share[at]),
        "other_debts_share": plain(facts.debts[at]),
    }


def signing_of(terms: Terms, routed: Routed, at: int) -> dict[str, Any]:
    """For either decision how many must sign it by the policy, and by which rows. Where a missing value leaves the row
    of a table of the first hit open, so many as any of its rows asks for."""
    said: dict[str, Any] = {}
    for outcome in (APPROVE, DECLINE):
        hits, signatures = routed.signature_hits[outcome], float(routed.signatures[outcome][at])
        counts = hits.certain[at] | hits.possible[at]
        rows = [row for place, row in enumerate(terms.signatures.rows) if counts[place] and row.outputs["signatures"]]
        if math.isnan(signatures):
            asked = (float(row.outputs["signatures"]) for row in rows)
            signatures = max(asked, default=float(terms.signatures.default["signatures"]))
        said[WAY_NAMES[outcome]] = {
            "signatures": int(signatures),
            "rows": [{"row": row.id, "en": row.en, "zh": row.zh} for row in rows],
        }
    return said


def capacity_of(facts: Facts, routed: Routed, at: int) -> dict[str, Any]:
    """What people had places for when the case came, and whether it was beyond them; {} where nobody counts."""
    if facts.places_left is None:
        return {}
    return {
        "places_left": facts.places_left,
        "discretionary": bool(routed.looked.discretionary[at]),
        "beyond": bool(routed.looked.beyond[at]),
        "waits": bool(routed.tier[at] == TIER_BEYOND),
    }
