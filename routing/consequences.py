"""What a version of the policy changes for whom, as codes and figures in a fixed order: who approves it ticks each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

TABLES: Final = ("rules", "signatures", "limits")
# A smaller difference of a share is not worth a tick: one case in two thousand.
SMALLEST_SHARE: Final = 0.0005
OUTCOMES: Final = (
    ("approve_share", "approves_more", "approves_fewer"),
    ("decline_share", "declines_more", "declines_fewer"),
    ("review_share", "reviews_more", "reviews_fewer"),
)


class Terms(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Consequence:
    """One thing to tick. `key` names it among the others of the same version: the code, and what of, where it recurs.

    Shares in `params` are fractions of one; `cases_a_day` and `hours_a_day` are None where the simulation does not say.
    `was` and `now` are rows of the table `name` as it was and as it will be, in plain JSON; a first version has its
    rows in `tables` by the table's name.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        of = self.params.get("name")
        return f"{self.code}:{of}" if of else self.code


def consequences(terms: Terms, active_terms: Terms | None, simulation: Mapping[str, Any]) -> list[Consequence]:
    """What follows from putting `terms` in the place of `active_terms` (None: nothing is in force, or nothing that
    can be read), by the frozen simulation first and by the terms then. Never empty, and no differing term is left out.
    """
    after = terms.to_dict()
    found = _of_figures(simulation) + _of_keeping(after.get("promise"), simulation)
    if active_terms is None:
        against = simulation["against"]["policy"]
        tables = {name: (after.get(name) or {}).get("rows", ()) for name in TABLES}
        found.append(Consequence("first_version" if against is None else "present_unreadable", {"tables": tables}))
        return found + _of_exploration("exploration", None, after.get("exploration"))
    before = active_terms.to_dict()
    changed = []
    for name in [*HANDLERS, *sorted({*before, *after} - set(HANDLERS))]:
        if before.get(name) != after.get(name):
            changed += HANDLERS.get(name, _of_other)(name, before.get(name), after.get(name))
    return found + (changed or [Consequence("same_terms")])


def _of_figures(simulation: Mapping[str, Any]) -> list[Consequence]:
    if not simulation["cases"]:
        return [Consequence("no_past_cases")]
    predicted, present = simulation["predicted"], simulation.get("present")
    if present is None:
        shares = {name: predicted[name] for name, _more, _fewer in OUTCOMES}
        return [Consequence("no_comparison", {**shares, "reviews_a_day": predicted["reviews_a_day"]})]
    days = simulation["period"].get("days")
    found = []
    for name, more, fewer in OUTCOMES:
        change = predicted[name] - present[name]
        if abs(change) < SMALLEST_SHARE:
            continue
        params = {
            "from": present[name],
            "to": predicted[name],
            "cases_a_day": abs(change) * simulation["cases"] / days if days else None,
        }
        if name == "review_share":
            params["hours_a_day"] = _hours(present, predicted)
        found.append(Consequence(more if change > 0 else fewer, params))
    return found


def _of_keeping(promise: Mapping[str, Any] | None, simulation: Mapping[str, Any]) -> list[Consequence]:
    """A promise that lines and rules are not known to keep is ticked by whoever lets it go live."""
    said = simulation.get("promise") or {"standing": "unproven"}
    if promise is None or said["standing"] in ("drawn", "kept"):
        return []
    if said["standing"] == "unproven":
        unread = said.get("unread")
        return [Consequence("promise_unread", {"fields": unread}) if unread else Consequence("promise_unproven")]
    found = []
    for name, limit in said["stated"].items():
        if limit is not None and said[name] > limit:
            found.append(Consequence("promise_broken", {"name": name, "from": limit, "to": said[name]}))
    return found


def _hours(present: Mapping[str, Any], predicted: Mapping[str, Any]) -> float | None:
    hours = present.get("hours_a_day"), predicted.get("hours_a_day")
    return None if hours[0] is None or hours[1] is None else float(hours[1] - hours[0])


def _of_dial(name: str, before: Any, after: Any) -> list[Consequence]:
    return [Consequence("threshold_changed", {"name": name, "from": before, "to": after})]


def _of_caution(name: str, before: float | None, after: float | None) -> list[Consequence]:
    """Terms without caution do not name it."""
    return _of_dial(name, before or 0.0, after or 0.0)


def _of_value(code: str) -> Callable[[str, Any, Any], list[Consequence]]:
    return lambda name, before, after: [Consequence(code, {"from": before, "to": after})]


def _of_table(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Consequence]:
    """Rows by their id; a table that is new or gone has only rows added or removed."""
    was, now = ({row["id"]: row for row in (table or {}).get("rows", ())} for table in (before, after))
    both = [row for row in now if row in was]
    rows = {
        "rows_added": [row for row in now if row not in was],
        "rows_changed": [row for row in both if was[row] != now[row]],
        "rows_removed": [row for row in was if row not in now],
    }
    if [row for row in was if row in now] != both:
        rows["rows_moved"] = both
    found = [Consequence(code, _rows_in_full(name, ids, was, now, code)) for code, ids in rows.items() if ids]
    for part, code in (("default", "default_row_changed"), ("hit", "hit_policy_changed")):
        values = [(table or {}).get(part) for table in (before, after)]
        if values[0] != values[1]:
            found.append(Consequence(code, {"name": name, "from": values[0], "to": values[1]}))
    return found or _of_other(name, before, after)


def _rows_in_full(
    name: str, ids: list[str], was: Mapping[str, Any], now: Mapping[str, Any], code: str
) -> dict[str, Any]:
    """What is said of these rows: an id alone says nothing of what a row does."""
    params: dict[str, Any] = {"name": name, "rows": ids}
    if code != "rows_moved":
        params |= {"was": [was[row] for row in ids if row in was], "now": [now[row] for row in ids if row in now]}
    return params


def _of_promise(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Consequence]:
    code = "promise_made" if before is None else "promise_given_up" if after is None else "promise_changed"
    kept = ("miss_rate", "good_decline_rate", "confidence")
    ends = [None if one is None else {part: one.get(part) for part in kept} for one in (before, after)]
    return [Consequence(code, {"from": ends[0], "to": ends[1]})]


def _of_exploration(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Consequence]:
    """Loans that the policy would decline are approved to learn from them, within a budget that is signed apart."""
    was, now = (bool(one and one.get("rate")) for one in (before, after))
    if not was and not now:
        return [] if before == after else _of_other(name, before, after)
    code = "exploration_on" if not was else "exploration_off" if not now else "exploration_changed"
    return [Consequence(code, {"from": before, "to": after})]


def _of_capacity(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Consequence]:
    was, now = dict(before or {}), dict(after or {})
    fallbacks = was.pop("fallback", None), now.pop("fallback", None)
    found = []
    if fallbacks[0] != fallbacks[1]:
        found.append(Consequence("fallback_changed", {"from": fallbacks[0], "to": fallbacks[1]}))
    if was != now:
        found.append(Consequence("capacity_changed", {"from": was or None, "to": now or None}))
    return found or _of_other(name, before, after)


def _of_lists(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Consequence]:
    """How many words each list gained and lost; the words themselves may name people."""
    found = []
    for one in sorted({*(before or {}), *(after or {})}):
        was, now = set((before or {}).get(one, ())), set((after or {}).get(one, ()))
        if was != now:
            found.append(Consequence("list_changed", {"name": one, "added": len(now - was), "removed": len(was - now)}))
    return found or _of_other(name, before, after)


def _of_parts(code: str, ident: str = "") -> Callable[[str, Any, Any], list[Consequence]]:
    """For parts by name: a mapping, or (`ident`) a list of parts that hold their name."""

    def compare(name: str, before: Any, after: Any) -> list[Consequence]:
        was, now = (_by_name(parts, ident) for parts in (before, after))
        params: dict[str, Sequence[str]] = {
            "added": [one for one in now if one not in was],
            "changed": [one for one in now if one in was and was[one] != now[one]],
            "removed": [one for one in was if one not in now],
        }
        return [Consequence(code, params)] if any(params.values()) else _of_other(name, before, after)

    return compare


def _by_name(parts: Any, ident: str) -> dict[str, Any]:
    return {part[ident]: part for part in parts or ()} if ident else dict(parts or {})


def _of_other(name: str, before: Any, after: Any) -> list[Consequence]:
    return [Consequence("other_changed", {"name": name})]


# In the order in which they are told.
HANDLERS: Final[Mapping[str, Callable[[str, Any, Any], list[Consequence]]]] = {
    "approve_below": _of_dial,
    "cut_off": _of_dial,
    "decline_above": _of_dial,
    "doubt_limit": _of_dial,
    "amount_limit": _of_dial,
    "currency": _of_value("currency_changed"),
    "segment_by": _of_value("segments_by_changed"),
    "segment_bands": _of_parts("segment_lines_changed"),
    "promise": _of_promise,
    "rules": _of_table,
    "signatures": _of_table,
    "limits": _of_table,
    "lists": _of_lists,
    "capacity": _of_capacity,
    "exploration": _of_exploration,
    "audit_share": _of_value("audit_share_changed"),
    "sla_hours": _of_value("sla_changed"),
    "review_cost": _of_dial,
    "reviewer_accuracy": _of_dial,
    "caution": _of_caution,
    "guard": _of_value("guard_changed"),
    "examples": _of_parts("examples_changed", "name_en"),
    "features": _of_parts("fields_changed", "key"),
}
