"""The tables of a model card: every model tried, calibration, groups, years and the bins of the scorecard."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from desk.build.card_words import CALIBRATIONS, METRICS, RECIPES, measure_words
from desk.build.fact_names import FactNames
from desk.pages import Cell, Table
from desk.words import MINUS, MISSING, number, percent, word
from scoring.ml.card_parts import Bin, JudgedFact, JudgedGroup, Measure, ModelCard

BLEND: Final = "blend"


def models_table(card: ModelCard) -> Table:
    """The whole model and each one that was tried for it, on the same loans."""
    whole = _("All together") if card["recipe"] == BLEND else word(RECIPES, card["recipe"])
    rows = [(whole, (Cell(""), Cell(word(CALIBRATIONS, card["calibration"]["kind"])), *_measures(card["metrics"])))]
    for model in card["models"]:
        if model["name"] != card["recipe"]:
            weight = number(model["weight"], 2) if model["weight"] else _("not used")
            figures = (Cell(weight), Cell(word(CALIBRATIONS, model["calibration"])), *_measures(model["metrics"]))
            rows.append((word(RECIPES, model["name"]), figures))
    return Table(
        words=_("Models tried"),
        columns=(_("Model"), _("Weight"), _("Calibration"), *(str(words) for words, _digits in METRICS.values())),
        rows=tuple(rows),
        note=_("on loans that they had not seen, with intervals at 95 percent; weights on log-odds"),
    )


def _measures(metrics: dict[str, Measure]) -> tuple[Cell, ...]:
    return tuple(Cell(*measure_words(metrics.get(name), digits)) for name, (_words, digits) in METRICS.items())


def reliability_table(card: ModelCard) -> Table:
    """The points of the calibration plot as figures."""
    rows = tuple(
        (str(place), (Cell(number(one["rows"])), Cell(percent(one["pd"])), _share(one["rate"])))
        for place, one in enumerate(card["reliability"], start=1)
    )
    return Table(
        words=_("The same as figures"),
        columns=(_("Tenth by PD"), _("Loans"), _("Mean PD"), _("Bad rate")),
        rows=rows,
        note=_("the safest tenth first"),
    )


def fairness_tables(card: ModelCard, names: FactNames) -> tuple[Table, ...]:
    """How PDs and decisions fall on the groups of each declared fact; never without the number of loans."""
    columns = (
        _("Group"), _("Loans"), _("Bad rate"), _("Mean PD"), _("Approved"), _("Ratio"), _("Of the good, approved"),
        _("Difference"), "AUC",
    )  # fmt: skip
    return tuple(
        Table(
            words=_("Fairness by %(fact)s") % {"fact": names.fact(fact["fact"])},
            columns=columns,
            rows=_group_rows(fact, names),
            note=_fairness_note(fact, names),
            empty=_("The training loans do not say to which group they belong."),
        )
        for fact in card["fairness"]
    )


def _fairness_note(fact: JudgedFact, names: FactNames) -> str:
    if not fact["yardstick"] and not fact["groups"]:
        return ""
    group = _group_words(fact, fact["yardstick"], names)
    return _("approved below the cut-off; compared with “%(group)s”, approved most often") % {"group": group}


def _group_words(fact: JudgedFact, name: str, names: FactNames) -> str:
    if fact["bins"] and name:
        return names.bin(fact["fact"], fact["bins"], int(name))
    return names.value(fact["fact"], name)


def _group_rows(fact: JudgedFact, names: FactNames) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    rows = [(_group_words(fact, one["name"], names), _group_cells(one)) for one in fact["groups"]]
    if fact["small"]:
        words = _("%(n)s smaller groups") % {"n": number(len(fact["small"]))}
        loans = number(sum(fact["small"].values()))
        rows.append((words, (Cell(loans), Cell(_("too few")), *(Cell(MISSING),) * 6)))
    return tuple(rows)


def _group_cells(one: JudgedGroup) -> tuple[Cell, ...]:
    return (
        Cell(number(one["rows"])),
        _share(one["bad_rate"]),
        Cell(percent(one["mean_pd"])),
        _share(one["approval"]),
        _share(one["impact_ratio"]),
        _share(one["goods_approved"]),
        _share(one["opportunity_difference"]),
        Cell(*measure_words(one["auc"])),
    )


def _share(measure: Measure | None) -> Cell:
    return Cell(*measure_words(measure, 1, in_percent=True))


def bin_tables(card: ModelCard, names: FactNames) -> tuple[Table, ...]:
    """The scorecard, feature by feature."""
    return tuple(
        _bin_table(name, list(bins), names) for name, bins in groupby(card["bins"], key=lambda one: one["feature"])
    )


def _bin_table(name: str, bins: list[Bin], names: FactNames) -> Table:
    points = [one["points"] for one in bins]
    rows = tuple(
        (
            _bin_words(one, names),
            (
                Cell(number(one["rows"])),
                Cell(percent(one["bads"] / one["rows"]) if one["rows"] else MISSING),
                Cell(_points(one["points"])),
            ),
        )
        for one in bins
    )
    return Table(
        words=names.fact(name),
        columns=(_("Value"), _("Loans"), _("Bad rate"), _("Points")),
        rows=rows,
        note=_range_words(min(points), max(points)),
    )


def _range_words(low: float, high: float) -> str:
    """What a feature can add or take; the scorecard of the model card passes over one without any weight."""
    if low == high == 0.0:
        return _("not used")
    return _("%(low)s to %(high)s points") % {"low": _points(low), "high": _points(high)}


def _points(points: float) -> str:
    rounded = f"{points:+.1f}".replace("-", MINUS)
    return "0.0" if rounded[1:] == "0.0" else rounded


def _bin_words(one: Bin, names: FactNames) -> str:
    if one["kind"] == "codes":
        return " · ".join(names.value(one["feature"], code) for code in one["codes"])
    if one["special"] is not None:
        return names.special(one["feature"], one["special"])
    if one["kind"] == "missing":
        return names.value(one["feature"], "")
    return names.range(one["feature"], one["low"], one["high"])
