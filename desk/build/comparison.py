"""A comparison of two models in the reader's language: the live page and the frozen one of a promotion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.blindness import is_blind_before_an_opinion
from cases.models import Case, User
from cases.queries import key_of_ref
from desk.build.fact_names import FIELDS
from desk.pages import Cell, Pair, Table
from desk.pages.challengers import Comparison, Gate, SwapRow, SwapSide
from desk.plots import evidence_plot
from desk.words import MISSING, number, percent

SAMPLES: Final[dict[str, Promise]] = {
    "live": gettext_lazy("Live cases that both scored, one of them in shadow"),
    "held_out": gettext_lazy("Training loans, each scored by models that had not seen it"),
}
GATES: Final[dict[str, Promise]] = {
    "power": gettext_lazy("the sample can detect the difference that is wanted"),
    "auc": gettext_lazy("AUC is not lower"),
    "calibration": gettext_lazy("calibration in the large is not worse"),
    "brier": gettext_lazy("squared error of the PD is not shown to be worse"),
    "cost": gettext_lazy("cheaper at the present review capacity, with the whole interval"),
    "segments": gettext_lazy("in no segment with enough loans may the AUC be more than 0.01 lower"),
    "stability": gettext_lazy("PSI of the scores is at most 0.1"),
    "reasons": gettext_lazy("at most half of the cases have other top reasons"),
}
NOT_PASSED: Final[dict[str, Promise]] = {
    "power": gettext_lazy("I know: the sample cannot detect the difference that is wanted."),
    "auc": gettext_lazy("I know: the AUC is lower, or not known."),
    "calibration": gettext_lazy("I know: calibration in the large is worse, or not known."),
    "brier": gettext_lazy("I know: the squared error of the PD is worse, or not known."),
    "cost": gettext_lazy("I know: it is not shown to be cheaper at the present review capacity."),
    "segments": gettext_lazy("I know: in a segment the AUC may be more than 0.01 lower, or nothing is known."),
    "stability": gettext_lazy("I know: its scores are spread otherwise, or too few cases tell."),
    "reasons": gettext_lazy("I know: most cases would have other top reasons, or nobody could look."),
    "comparison_seen": gettext_lazy("I have read the frozen comparison on this page."),
}


def comparison(found: Mapping[str, Any], reader: User) -> Comparison:
    """What `found` (learning.compare) says, to `reader`."""
    outcomes = found["outcomes"]
    return Comparison(
        detects=_detects(found),
        is_enough=_is_enough(found),
        about=_about(found),
        gates=tuple(Gate(str(GATES.get(each["code"], each["code"])), each["passed"]) for each in found["gates"]),
        tables=(_measures(outcomes), *_weighted(found), _segments(found)) if outcomes else (),
        swaps=_swaps(found, reader),
        **_evidence(found["evidence"]),
    )


def _is_enough(found: Mapping[str, Any]) -> bool:
    """Whether the difference can be seen, with the weights of the loans and without; comparisons that were frozen by an
    earlier release hold none."""
    sides = [found["outcomes"], *([found["weighted"]] if found.get("weighted") else [])]
    return all(bool(side and side["power"]["is_enough"]) for side in sides)


def _detects(found: Mapping[str, Any]) -> str:
    return " ".join((_detected(found), *_detected_by_weight(found.get("weighted"))))


def _detected_by_weight(weighted: Mapping[str, Any] | None) -> tuple[str, ...]:
    if weighted is None:
        return ()
    power = weighted["power"]
    told = {
        "effective": number(weighted["effective_size"]),
        "power": percent(power["power"], 0),
        "needed": number(power["needed"]),
    }
    if power["is_enough"]:
        return (_("By their weights they tell as much as %(effective)s loans: a chance of %(power)s.") % told,)
    return (_("By their weights they tell as much as %(effective)s loans: a chance of %(power)s; %(needed)s such loans are needed for 80%%.") % told,)  # fmt: skip  # noqa: E501


def _detected(found: Mapping[str, Any]) -> str:
    counts = {"n": number(found["loans"]), "bads": number(found["bads"])}
    if found["outcomes"] is None:
        return (
            _("No: %(n)s loans with a known end, %(bads)s of them bad. Ten bad and ten good ones are the least.")
            % counts
        )
    power = found["outcomes"]["power"]
    told = counts | {
        "difference": number(power["difference"], 3),
        "power": percent(power["power"], 0),
        "needed": number(power["needed"]),
    }
    if power["is_enough"]:
        return _("Yes: with %(n)s loans, %(bads)s of them bad, a true AUC difference of %(difference)s is seen with a chance of %(power)s.") % told  # fmt: skip  # noqa: E501
    return _("No: with %(n)s loans, %(bads)s of them bad, a true AUC difference of %(difference)s is seen with a chance of %(power)s; %(needed)s loans are needed for 80%%.") % told  # fmt: skip  # noqa: E501


def _about(found: Mapping[str, Any]) -> tuple[Pair, ...]:
    desk, reasons = found["desk"], found["other_reasons"]
    stability = MISSING if found["stability"] is None else number(found["stability"], 3)
    differ = MISSING
    if reasons:
        counts = {"differ": number(reasons["differ"]), "n": number(reasons["cases"])}
        differ = _("%(differ)s of %(n)s cases looked at") % counts
    capacity = {"share": percent(desk["review_share"]), "accuracy": percent(desk["accuracy"], 0)}
    return (
        Pair(_("Sample"), str(SAMPLES.get(found["sample"], found["sample"]))),
        Pair(
            _("Cases"),
            _("%(n)s, %(loans)s with a known end") % {"n": number(found["cases"]), "loans": number(found["loans"])},
        ),
        Pair(_("Cut-off"), percent(desk["cut_off"])),
        Pair(_("Review capacity"), _("%(share)s of the cases, people right on %(accuracy)s") % capacity),
        Pair(_("PSI of the scores"), stability),
        Pair(_("Other top reasons"), differ),
    )


def _measures(outcomes: Mapping[str, Any]) -> Table:
    flips = outcomes["flips"]
    flipped = (
        _("Flipped at the cut-off, and right"),
        (
            Cell(number(flips["champion_right"])),
            Cell(number(flips["challenger_right"])),
            Cell("", _("McNemar exact: p %(p)s") % {"p": _p(flips["p_value"])}),
        ),
    )
    rows = (*_measured(outcomes), flipped)
    return Table(_("Measures"), _columns(), rows, note=_("intervals at 95%"))


def _weighted(found: Mapping[str, Any]) -> tuple[Table, ...]:
    """The same for all who apply: each loan stands for those like it whose outcome could not be seen."""
    weighted = found.get("weighted")
    if weighted is None:
        return ()
    told = {
        "effective": number(weighted["effective_size"]),
        "n": number(found["loans"]),
        "drawn": percent(weighted["by_chance"]),
        "weight": percent(weighted["by_chance_weight"]),
        "cap": number(weighted["cap"]),
        "unknown": percent(weighted["unknown"]),
    }
    note = _("each loan by the inverse of its chance of being seen, at most %(cap)s; effective sample size %(effective)s of %(n)s; known only by a random arm %(drawn)s of the loans, %(weight)s of the weight; chance not known of %(unknown)s; intervals at 95%%") % told  # fmt: skip  # noqa: E501
    return (Table(_("Measures for all who apply"), _columns(), _measured(weighted), note=note),)


def _columns() -> tuple[str, ...]:
    return (_("Measure"), _("Champion"), _("Challenger"), _("Challenger less champion"))


def _measured(outcomes: Mapping[str, Any]) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    auc, cost = outcomes["auc"], outcomes["cost"]
    sides = [outcomes["calibration"][side] for side in ("champion", "challenger")]
    return (
        ("AUC", (*(_between(auc[side]) for side in ("champion", "challenger")), _with_p(auc))),
        (_("Mean PD less bad rate"), (*(_between(each["in_the_large"], in_percent=True) for each in sides), Cell(""))),
        (_("Calibration slope (1 is right)"), (*(_between(each["slope"], 2) for each in sides), Cell(""))),
        (_("Squared error of the PD (Brier)"), (Cell(""), Cell(""), _between(outcomes["brier"], 4))),
        (
            _("Cost a case, as a share of the mean amount"),
            (
                Cell(percent(cost["champion"], 2)),
                Cell(percent(cost["challenger"], 2)),
                _between(_turned(cost["saved"]), 2, in_percent=True),
            ),
        ),
    )


def _segments(found: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            f"{FIELDS.get(each['dimension'], each['dimension'])}: {each['value']}",
            (
                Cell(number(each["loans"]), _("%(bads)s bad") % {"bads": number(each["bads"])}),
                *(
                    Cell(MISSING if each[side] is None else number(each[side], 3))
                    for side in ("champion", "challenger")
                ),
                Cell(MISSING if each["low"] is None else number(each["low"], 3)),
            ),
        )
        for each in found["segments"]
    )
    columns = (_("Segment"), _("Loans"), _("Champion"), _("Challenger"), _("Difference at least"))
    return Table(
        _("AUC by segment"), columns, rows, note=_("one-sided 95%; nothing is said below ten bad or ten good loans")
    )


def _swaps(found: Mapping[str, Any], reader: User) -> tuple[SwapSide, ...]:
    keys = [key_of_ref(row["ref"]) for side in found["swaps"].values() for row in side["shown"]]
    cases = {case.ref: case for case in Case.objects.visible_to(reader).filter(pk__in=keys)} if keys else {}
    words = {
        "in": _("In: the challenger would approve, the champion declines"),
        "out": _("Out: the champion approves, the challenger would decline"),
    }
    sides = []
    for name, side in found["swaps"].items():
        counts = {"n": number(side["cases"]), "loans": number(side["loans"]), "bads": number(side["bads"])}
        told = _("%(n)s cases; of %(loans)s with a known end %(bads)s were bad") % counts
        rows = tuple(_swap_row(row, cases[row["ref"]], reader) for row in side["shown"] if row["ref"] in cases)
        sides.append(SwapSide(words[name], told, rows))
    return tuple(sides)


def _swap_row(row: Mapping[str, Any], case: Case, reader: User) -> SwapRow:
    """A case that is still to be judged with an opinion first shows no figure to whoever may judge it."""
    hidden = is_blind_before_an_opinion(case, reader)
    known = {1: pgettext("outcome", "bad"), 0: pgettext("outcome", "good")}
    return SwapRow(
        name=row["ref"],
        url=reverse("desk:case", args=[row["ref"]]),
        champion="" if hidden else percent(row["champion"]),
        challenger="" if hidden else percent(row["challenger"]),
        outcome=known.get(row["bad"], ""),
    )


def _evidence(told: Mapping[str, Any] | None) -> dict[str, Any]:
    if told is None:
        return {}
    counts = {"n": number(told["loans"]), "differ": number(told["discordant"]), "threshold": number(told["threshold"])}
    decided = {
        "challenger": _("The challenger's decisions are cheaper: its line has reached %(threshold)s."),
        "champion": _("The champion's decisions are cheaper: its line has reached %(threshold)s."),
    }.get(told["decided"], _("Not decided: no line has reached %(threshold)s."))
    words = decided % counts
    rest = _("%(n)s loans, decided differently on %(differ)s. However often one looks, the chance of a false alarm stays below 5%%.")  # fmt: skip  # noqa: E501
    words = f"{words} {rest % counts}"
    drawn = evidence_plot(told["days"], told["challenger"], told["champion"], told["threshold"], words)
    return {"evidence": drawn, "evidence_words": words}


def _between(found: Mapping[str, float], digits: int = 3, *, in_percent: bool = False) -> Cell:
    show = percent if in_percent else number
    return Cell(show(found["value"], digits), f"{show(found['low'], digits)} – {show(found['high'], digits)}")


def _figure(value: float | None) -> Cell:
    return Cell(MISSING if value is None else number(value, 3))


def _with_p(auc: Mapping[str, Any]) -> Cell:
    cell = _between(auc["difference"])
    return Cell(cell.value, f"{cell.note} · DeLong: p {_p(auc['p_value'])}")


def _turned(found: Mapping[str, float]) -> dict[str, float]:
    """What is saved as a difference of costs."""
    return {"value": -found["value"], "low": -found["high"], "high": -found["low"]}


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else number(value, 3)
