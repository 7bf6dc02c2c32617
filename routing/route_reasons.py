"""Why a case goes where it goes: codes with figures, the most important first, worded when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from routing.authority import RESERVED, UNKNOWN
from routing.facts import APPROVE_BAND, DECLINE_BAND, GREY_BAND, Facts
from routing.policy import BLOCKS, REVIEW, WAY_NAMES, Routed
from routing.table.columns import Coded
from routing.table.explain import decode
from routing.table.tables import WAY, Row
from routing.terms import Terms

Reason = dict[str, Any]

UNKNOWN_CELL: Final = 2  # a cell's state in a trace
# Told by the score's own sentences at the end, whatever row says so.
OF_THE_SCORE: Final = frozenset({"grey_band", "doubtful", "pd_below", "pd_above"})


def reasons_of(terms: Terms, facts: Facts, routed: Routed, at: int) -> list[Reason]:
    """The reasons of the case at this place."""
    blocked = [name for name in BLOCKS if routed.blocked[name][at]]
    found = [_block(name, terms, facts, routed, at) for name in blocked]
    of_rows = [_of_row(row, terms, facts, routed, at) for row in _rows(terms, routed, at)]
    # What a row says too is told once.
    found += [reason for reason in of_rows if reason["code"] not in blocked]
    if routed.ways.missing[at] and not blocked:
        found.append(_missing(terms, routed, at))
    return found + list(_of_the_score(terms, facts, routed, at))


def _rows(terms: Terms, routed: Routed, at: int) -> list[Row]:
    """The rows that hold for certain and have a reason of their own, those that send to people first."""
    certain = [row for place, row in enumerate(terms.rules.rows) if routed.hits.certain[at, place]]
    told = [row for row in certain if row.outputs.get("reason") not in OF_THE_SCORE]
    return sorted(told, key=lambda row: row.outputs[WAY] != WAY_NAMES[REVIEW])


def _block(name: str, terms: Terms, facts: Facts, routed: Routed, at: int) -> Reason:
    params: dict[str, Any] = {}
    if name == "other_currency":
        params = {"currency": _word(facts.columns["currency"], at), "policy_currency": terms.currency}
    if name == UNKNOWN:
        fields = terms.kinds.rules.registry
        keys = [key for key in RESERVED if routed.authority.unknown[key][at]]
        params = {
            "fields": ", ".join(fields[key].en for key in keys),
            "fields_zh": "、".join(fields[key].zh for key in keys),
        }
    return _of_code(name, terms, facts, routed, at) or {"code": name, "params": params}


def _of_row(row: Row, terms: Terms, facts: Facts, routed: Routed, at: int) -> Reason:
    return _of_code(str(row.outputs.get("reason", "")), terms, facts, routed, at) or {
        "code": "rule",
        "params": {"row": row.id, "words": row.en or row.id, "words_zh": row.zh or row.en or row.id},
    }


def _of_code(code: str, terms: Terms, facts: Facts, routed: Routed, at: int) -> Reason | None:
    """The reason of a code that the product knows, with its figures; None of any other."""
    params: dict[str, Any] = {}
    if code == "amount_above_limit":
        params = {"amount": float(facts.exposure[at]), "limit": float(terms.amount_limit), "currency": terms.currency}
    elif code == "over_limit" and routed.granted is not None:
        limit = float(routed.granted.limit[at])
        params = {"amount": float(facts.exposure[at]), "limit": limit, "currency": terms.currency}
    elif code in ("industry_red", "industry_watch"):
        params = {"industry": _word(facts.columns["industry"], at)}
    elif code not in ("key_customer", "opted_out", "blacklisted"):
        return None
    return {"code": code, "params": params}


def _missing(terms: Terms, routed: Routed, at: int) -> Reason:
    """Which unknown facts might have led elsewhere: those of the row that could not be ruled out."""
    place = int(routed.ways.row[at])
    states = decode(np.ascontiguousarray(routed.hits.trace[at]), terms.rules)[place]
    keys = [
        key for (key, _cell), state in zip(terms.rules.rows[place].used, states, strict=True) if state == UNKNOWN_CELL
    ]
    registry = terms.kinds.rules.registry
    return {
        "code": "missing_data",
        "params": {
            "row": terms.rules.row_id(place),
            "fields": ", ".join(registry[key].en for key in keys),
            "fields_zh": "、".join(registry[key].zh for key in keys),
        },
    }


def _of_the_score(terms: Terms, facts: Facts, routed: Routed, at: int) -> Iterator[Reason]:
    pd, lines = float(facts.pd[at]), routed.derived.lines
    if np.isnan(pd):
        return
    low, high = float(lines.approve_below[at]), float(lines.decline_above[at])
    band = int(routed.derived.band[at])
    if band == GREY_BAND:
        yield {"code": "grey_band", "params": {"pd": pd, "low": low, "high": high}}
    doubt = float(facts.doubt[at])
    if doubt > terms.doubt_limit:
        yield {"code": "doubtful", "params": {"doubt": doubt, "limit": terms.doubt_limit}}
    if routed.looked.beyond[at]:
        yield {"code": "beyond_capacity", "params": {}}
    if routed.audit[at]:
        yield {"code": "audit", "params": {"share": terms.audit_share}}
    if routed.explored[at] and terms.exploration is not None:
        yield {"code": "exploration", "params": {"share": terms.exploration.rate}}
    if band == APPROVE_BAND:
        yield {"code": "pd_below", "params": {"pd": pd, "limit": low}}
    elif band == DECLINE_BAND:
        yield {"code": "pd_above", "params": {"pd": pd, "limit": high}}


def _word(column: Any, at: int) -> str:
    if not isinstance(column, Coded) or column.codes[at] < 0:
        return ""
    return str(column.words[column.codes[at]])
