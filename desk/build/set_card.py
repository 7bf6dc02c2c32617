"""The data card of a training set as its page and its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.learning import bar_chart
from desk.charts import bar
from desk.pages.learning import Doubted, SetPage
from desk.pages.models import CardLink, Cell, Table
from desk.pages.overview import BarChart, BarRow, Figure, Pair
from desk.words import MISSING, PRODUCTS, is_chinese, number, part, percent, when, word
from learning.label_models import Basis, Exclusion, Source
from learning.models import TrainingSet

GRADES: Final[Mapping[str, Promise]] = {
    "red": gettext_lazy("moved far"),
    "amber": gettext_lazy("moved"),
    "": gettext_lazy("as before"),
}
DIMENSIONS: Final[Mapping[str, Promise]] = {
    "case_region": gettext_lazy("Region"),
    "case_industry": gettext_lazy("Industry"),
    "case_channel": gettext_lazy("Channel"),
}


def set_name(dataset: TrainingSet) -> str:
    """`Training set 3`."""
    return _("Training set %(n)s") % {"n": dataset.pk}


def set_page(dataset: TrainingSet, *, list_url: str = "", files: tuple[CardLink, ...] = ()) -> SetPage:
    """The page of a set; sets of earlier releases have only their counts."""
    card = dataset.card
    shown: dict[str, Any] = {
        "title": f"{set_name(dataset)} · {word(PRODUCTS, dataset.product)}",
        "about": _about(dataset),
        "identity": _identity(dataset),
        "list_url": list_url,
        "files": files,
    }
    if not card:
        limit = _("This set was built by an earlier release, which kept no data card.")
        figures = (_rows_figure(dataset), _bads_figure(dataset))
        return SetPage(**shown, figures=figures, limits=(limit,), charts=(), tables=())
    compared, conflicts = card["compared"], card["conflicts"]
    return SetPage(
        **shown,
        figures=_figures(dataset),
        limits=tuple(_limits(dataset)),
        charts=(_periods_chart(card["periods"]), _sources_chart(dataset), _excluded_chart(card["excluded"])),
        tables=(
            _bases_table(card["bases"]),
            *(_compared_tables(card) if compared else ()),
            _columns_table(dataset),
        ),
        doubted=tuple(_doubted(each) for each in conflicts.get("told", ())),
        doubted_note=_conflicts_note(conflicts),
    )


def _about(dataset: TrainingSet) -> str:
    return _("Everything as it stood when each loan was decided; nothing recorded after %(time)s is in it.") % {
        "time": when(dataset.as_of or dataset.built_at)
    }


def _rows_figure(dataset: TrainingSet) -> Figure:
    return Figure(_("Loans"), number(dataset.rows))


def _bads_figure(dataset: TrainingSet) -> Figure:
    return Figure(
        _("Bad"), number(dataset.bads), _("bad rate %(rate)s") % {"rate": percent(dataset.bads / dataset.rows)}
    )


def _figures(dataset: TrainingSet) -> tuple[Figure, ...]:
    card, compared, conflicts = dataset.card, dataset.card["compared"], dataset.card["conflicts"]
    worth, judged = card["effective_size"], conflicts["rows"]
    told = _("%(part)s of the loans, under the weights") % {"part": part(worth, dataset.rows)}
    new = number(compared["new"]) if compared else MISSING
    doubted = number(conflicts["found"]) if judged else MISSING
    chance = _("chance alone brings %(n)s") % {"n": number(conflicts.get("expected", 0.0))}
    return (
        _rows_figure(dataset),
        _bads_figure(dataset),
        Figure(_("Effective sample size"), number(worth), told),
        *_weighted_figure(card),
        Figure(_("New loans"), new, _("since the set before") if compared else _("there is no set before")),
        Figure(_("Label conflicts"), doubted, chance if judged else _("too few to tell")),
        Figure(_("Left out"), number(sum(card["excluded"].values())), _("labels and cases, by reason below")),
    )


def _weighted_figure(card: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The bad rate under the weights; sets of an earlier release have none."""
    rate = card.get("weighted_bad_rate")
    if rate is None:
        return ()
    between = _("%(low)s to %(high)s, 95 %% interval") % {"low": percent(rate["low"]), "high": percent(rate["high"])}
    return (Figure(_("Bad rate, weighed"), percent(rate["share"]), between),)


def _limits(dataset: TrainingSet) -> list[str]:
    card = dataset.card
    found = []
    explored = dataset.counts.get("by_label", {}).get(Source.EXPLORATION, 0)
    if not explored:
        found.append(
            _("No loan of it was an explored decline: how declined applicants would have paid, it does not say.")
        )
    unknown = next((each["rows"] for each in card["bases"] if each["basis"] == Basis.UNKNOWN), 0)
    if unknown:
        found.append(
            _(
                "Of %(n)s loans (%(part)s) nobody knows how likely it was that they were seen; each stands for itself "
                "alone."
            )
            % {"n": number(unknown), "part": part(unknown, dataset.rows)}
        )
    if card["known_later"]:
        names = ", ".join(f"{name} ({number(count)})" for name, count in card["known_later"].items())
        found.append(_("Looked up after the decision, and blanked: %(names)s.") % {"names": names})
    if card["undone"]:
        found.append(
            _("Changed after the decision, and taken as before: %(refs)s.") % {"refs": ", ".join(card["undone"])}
        )
    if card["capped"]:
        found.append(
            _("%(n)s weights reached the cap of %(cap)s.")
            % {"n": number(card["capped"]), "cap": number(card["weights"]["cap"])}
        )
    return found


def _periods_chart(periods: Sequence[Mapping[str, Any]]) -> BarChart:
    rows, bads = Counter[str](), Counter[str]()
    for each in periods:
        rows[each["period"]] += each["rows"]
        bads[each["period"]] += each["bads"]
    largest = max(rows.values(), default=0)
    shown = []
    for period in sorted(rows):
        rate = _("bad %(rate)s") % {"rate": percent(bads[period] / rows[period])}
        shown.append(BarRow(period, number(rows[period]), bar(rows[period], largest), rate))
    return BarChart(_("By quarter of application"), tuple(shown), _("loans and their bad rate"))


def _sources_chart(dataset: TrainingSet) -> BarChart:
    named = dataset.counts.get("by_label", {})
    return bar_chart(
        _("By source of the label"), [(str(source.label), named.get(source.value, 0)) for source in Source], _("loans")
    )


def _excluded_chart(excluded: Mapping[str, int]) -> BarChart:
    rows = [(str(reason.label), excluded.get(reason.value, 0)) for reason in Exclusion]
    return bar_chart(_("Left out, and why"), rows, _("labels and cases"))


def _bases_table(bases: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            str(Basis(each["basis"]).label),
            (
                Cell(number(each["rows"])),
                Cell(number(each["bads"]), percent(each["bads"] / each["rows"])),
                Cell(MISSING if each["propensity"] is None else number(each["propensity"], 4)),
                Cell(number(each["weight"], 3)),
            ),
        )
        for each in bases
    )
    return Table(
        _("How likely it was that they could be seen"),
        (_("How it is known"), _("Loans"), _("Bad"), _("Mean propensity"), _("Mean weight")),
        rows,
        _("weight = base weight / propensity, capped, 1 on the average"),
    )


def _compared_tables(card: Mapping[str, Any]) -> tuple[Table, ...]:
    compared = card["compared"]
    shifts = tuple(
        (
            _fact(card, each["feature"]),
            (
                Cell(number(each["psi"], 3)),
                Cell(number(each["critical"], 3)),
                Cell(number(each["rows"]), number(each["before"])),
                Cell(str(GRADES[each["grade"]])),
            ),
        )
        for each in compared["shifts"]
    )
    segments = tuple(
        (f"{DIMENSIONS[each['dimension']]} {each['value'] or MISSING}", (Cell(number(each["rows"])),))
        for each in compared["segments"]
    )
    sides = (
        (_("Loans"), (Cell(number(compared["rows"])), Cell(number(compared["new"])))),
        (_("Bad"), (Cell(number(compared["bads"])), Cell(number(compared["new_bads"])))),
        (_("Not in this set any more"), (Cell(number(compared["gone"])), Cell(MISSING))),
        (_("Outcome restated since"), (Cell(number(compared["restated_count"])), Cell(MISSING))),
    )
    return (
        Table(_("Beside the set before"), (_("What is counted"), _("Set before"), _("New loans")), sides),
        Table(
            _("What moved"),
            (_("Fact"), "PSI", _("Chance alone, 99 %"), _("New loans, set before"), _("Verdict")),
            shifts,
            _("the new loans against the set before; moved is above chance and above 0.1, far above 0.25"),
            _("Fewer than 50 new loans: too few to tell."),
        ),
        Table(_("Segments never seen before"), (_("Segment"), _("Loans")), segments, "", _("None.")),
    )


def _fact(card: Mapping[str, Any], name: str) -> str:
    """The words of a fact, as its feature table had them when the set was built."""
    words = card.get("words", {}).get(name, {})
    return str(words.get("zh" if is_chinese() else "en", name))


def _columns_table(dataset: TrainingSet) -> Table:
    rows = tuple(
        (_fact(dataset.card, name), (Cell(number(missing), part(missing, dataset.rows)),))
        for name, missing in dataset.card["columns"].items()
    )
    return Table(_("Facts"), (_("Fact"), _("Missing")), rows)


def _doubted(each: Mapping[str, Any]) -> Doubted:
    ref = str(each["case_ref"])
    url = f"{reverse('desk:learning_labels')}?case={ref}"
    return Doubted(ref, url, _("bad") if each["is_bad"] else _("good"), percent(each["pd"]))


def _conflicts_note(conflicts: Mapping[str, Any]) -> str:
    if not conflicts["rows"]:
        return _("Fewer than %(n)s good or bad loans: a model of them doubts nothing.") % {
            "n": number(conflicts["least"])
        }
    return _(
        "A plain model that did not see them finds %(n)s outcomes hard to believe (%(bads)s of them bad); were every "
        "label right, chance alone would bring %(chance)s. Look whether the outcome was recorded rightly; nothing is "
        "removed."
    ) % {
        "n": number(conflicts["found"]),
        "bads": number(conflicts["bads_doubted"]),
        "chance": number(conflicts.get("expected", 0.0)),
    }


def _identity(dataset: TrainingSet) -> tuple[Pair, ...]:
    weights = dataset.card.get("weights", {})
    told = (
        _("version %(n)s: outcomes %(outcome)s, explorations %(exploration)s, cap %(cap)s")
        % {
            "n": weights["number"],
            "outcome": number(weights["outcome"], 2),
            "exploration": number(weights["exploration"], 2),
            "cap": number(weights["cap"]),
        }
        if weights
        else MISSING
    )
    as_of: datetime | None = dataset.as_of
    return (
        Pair(_("Hash of the rows (SHA-256)"), dataset.sha256),
        Pair(_("As of"), when(as_of)),
        Pair(_("Built"), when(dataset.built_at)),
        Pair(_("Built by"), dataset.built_by.display_name if dataset.built_by else _("The system")),
        Pair(_("Weight table"), told),
        Pair(_("Set before"), set_name(dataset.previous) if dataset.previous else MISSING),
    )
