"""The replay of a version as figures beside those of the version in force, swaps with their cases, and segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk import charts
from desk.pages import Cell, Pair, Table
from desk.pages.policies import Compared, SimulationPage, SwapLine
from desk.words import MISSING, amount_cell, industry_words, money, number, percent, region_words, when

WAYS: Final[dict[str, Promise]] = {
    "approve": gettext_lazy("machine approves"),
    "decline": gettext_lazy("machine declines"),
    "review": gettext_lazy("people look"),
}
SEGMENTS: Final[dict[str, Promise]] = {
    "region": gettext_lazy("By region"),
    "industry": gettext_lazy("By industry"),
    "channel": gettext_lazy("By channel"),
    "applicant_segment": gettext_lazy("By customer segment"),
}
_SEGMENT_WORDS: Final = {"region": region_words, "industry": industry_words}


def simulation_of(found: Mapping[str, Any], currency: str, *, took: str = "") -> SimulationPage:
    """A replay in plain JSON (learning.replayed_policy) as its page."""
    if not found["cases"] or "figures" not in found:
        return SimulationPage(refusal=_("No case was routed in this period: nothing can be replayed."))
    mine, now = found["figures"], found["figures_in_force"]
    period = found["period"]
    about = _("%(cases)s cases from %(from)s to %(to)s") % {
        "cases": number(found["cases"]), "from": period["from"], "to": period["to"],
    }  # fmt: skip
    return SimulationPage(
        about=about,
        book=_book(found.get("book")),
        figures=tuple(_figures(mine, now, currency)),
        swaps=tuple(_swap(swap, currency) for swap in mine["swaps"]),
        segments=tuple(_segment(name, groups, currency) for name, groups in mine["segments"].items() if groups),
        load=tuple(_load(mine["load"])),
        took=took,
    )


def _book(book: Mapping[str, Any] | None) -> str:
    """What the shares of industry and region rest on; "" where no rule asks for them."""
    if not book:
        return ""
    if book["as_of"] is None:
        return _("Nothing was summed up yet: no share of an industry or region in the book is known, and people look.")
    return _(
        "Shares of an industry or region are those kept with the routes of %(regions)s (region) and %(industries)s "
        "(industry) cases; of all others they rest on today's book, summed up %(at)s, with each loan counted once. "
        "What this version would have granted otherwise does not move them."
    ) % {
        "regions": number(book["kept"]["region_share"]),
        "industries": number(book["kept"]["industry_share"]),
        "at": when(parse_datetime(book["as_of"])),
    }


def _figures(mine: Mapping[str, Any], now: Mapping[str, Any] | None, currency: str) -> list[Compared]:
    total = mine["total"]
    was = now["total"] if now else None
    rows = [
        _share(_("Machine approves"), total["approve_share"], was and was["approve_share"], "approve"),
        _share(_("Machine declines"), total["decline_share"], was and was["decline_share"], "decline"),
        _share(_("People look"), total["review_share"], was and was["review_share"], "review"),
        Compared(
            _("Looks a day"),
            number(mine["load"]["reviews_a_day"], 1),
            number(now["load"]["reviews_a_day"], 1) if now else MISSING,
            _("%(hours)s hours a day; nine days in ten at most %(busy)s")
            % {"hours": number(mine["load"]["hours_a_day"], 1), "busy": number(mine["load"]["busy_hours"], 1)},
        ),
        _money(
            _("Expected loss of what the machine approves"),
            total["expected_loss"],
            was and was["expected_loss"],
            currency,
        ),
        _money(
            _("Expected cost of all decisions"), mine["expected_cost"], now["expected_cost"] if now else None, currency
        ),
    ]
    realised = _money(_("Loss that came of it so far"), total["realised_loss"], was and was["realised_loss"], currency)
    matured = _("on %(n)s cases with a matured outcome") % {"n": number(total["matured"])}
    rows.append(Compared(realised.words, realised.value, realised.now, matured))
    rows.append(_expected_misses(total, was))
    rows.append(
        _rate(
            _("Missed bads: of those that turned bad, approved by the machine"),
            total["miss_rate"],
            was and was["miss_rate"],
        )
    )
    rows.append(
        _rate(_("Good loans declined by the machine"), total["good_decline_rate"], was and was["good_decline_rate"])
    )
    return rows


def _share(words: str, value: float, now: float | None, tone: str) -> Compared:
    return Compared(
        words,
        percent(value),
        percent(now),
        bar=charts.bar(value, 1.0, tone),
        now_bar=None if now is None else charts.bar(now, 1.0, "mute"),
    )


def _money(words: str, value: float, now: float | None, currency: str) -> Compared:
    return Compared(words, money(round(value), currency), MISSING if now is None else money(round(now), currency))


def _expected_misses(total: Mapping[str, Any], was: Mapping[str, Any] | None) -> Compared:
    """What the PDs expect where few outcomes are known yet."""
    return Compared(
        _("Bads that the machine approves, as the PDs expect"),
        percent(total["expected_miss_rate"]),
        percent(was["expected_miss_rate"]) if was else MISSING,
        _("of all cases that are expected to turn bad"),
    )


def _rate(words: str, rate: Mapping[str, Any], now: Mapping[str, Any] | None) -> Compared:
    """A rate with its interval and the counts behind it."""
    if rate["value"] is None:
        return Compared(words, MISSING, MISSING, _("no matured outcome of that kind"))
    note = _("%(count)s of %(of)s; 95 %% interval %(low)s to %(high)s") % {
        "count": number(rate["count"]), "of": number(rate["of"]), "low": percent(rate["low"]),
        "high": percent(rate["high"]),
    }  # fmt: skip
    return Compared(words, percent(rate["value"]), percent(now["value"]) if now else MISSING, note)


def _swap(swap: Mapping[str, Any], currency: str) -> SwapLine:
    words = _("%(was)s → %(would)s") % {"was": WAYS[swap["was"]], "would": WAYS[swap["would"]]}
    links = tuple((f"CR-{key}", reverse("desk:case", args=[f"CR-{key}"])) for key in swap["largest"][:8])
    return SwapLine(words, number(swap["cases"]), money(round(swap["exposure"]), currency), links)


def _segment(name: str, groups: list[Mapping[str, Any]], currency: str) -> Table:
    rows = tuple(
        (
            _SEGMENT_WORDS.get(name, str)(group["name"]),
            (
                Cell(number(group["cases"])),
                Cell(percent(group["approve_share"])),
                Cell(percent(group["decline_share"])),
                Cell(percent(group["review_share"])),
                Cell(amount_cell(round(group["expected_loss"]), currency, tight=True)),
                Cell(
                    percent(group["miss_rate"]["value"]),
                    f"{group['miss_rate']['count']} / {group['miss_rate']['of']}" if group["miss_rate"]["of"] else "",
                ),
            ),
        )
        for group in groups
    )
    columns = (
        "", _("Cases"), _("Machine approves"), _("Machine declines"), _("People look"), _("Expected loss"),
        _("Missed bads"),
    )  # fmt: skip
    return Table(words=str(SEGMENTS[name]), columns=columns, rows=rows, note=_("the largest groups"))


def _load(load: Mapping[str, Any]) -> list[Pair]:
    tiers = load["by_tier"]
    pairs = [
        Pair(_("Must be seen"), number(tiers["mandatory"] + tiers["not_judged"])),
        Pair(_("Merely uncertain"), number(tiers["uncertain"])),
        Pair(_("Random audit"), number(tiers["audit"])),
    ]
    if load["hours_stated"] is not None:
        fallback = load["fallback"]
        pairs += [
            Pair(_("Hours stated a day"), number(load["hours_stated"], 1)),
            Pair(_("Looks that the hours cover"), percent(load["share_covered"])),
            Pair(
                _("Beyond the places"),
                _("%(n)s: %(wait)s wait, %(decline)s declined, %(approve)s approved within appetite")
                % {
                    "n": number(load["beyond"]), "wait": number(fallback["wait"]),
                    "decline": number(fallback["decline"]), "approve": number(fallback["approve"]),
                },
            ),
            Pair(_("Decisions that come late"), percent(load["late_share"])),
        ]  # fmt: skip
    return pairs
