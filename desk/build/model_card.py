"""The card of a model in the reader's language: its page and its file show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final, cast

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.products import numbered
from desk.build.card_tables import bin_tables, fairness_tables, models_table, reliability_table
from desk.build.card_words import CALIBRATIONS, METRICS, RECIPES, limit_words, measure_words
from desk.build.fact_names import FactNames
from desk.charts import bar
from desk.pages import BarChart, BarRow, CardLink, Figure, ModelCardPage, Pair, StateMark
from desk.plots import CalibrationPlot, calibration_plot
from desk.words import is_chinese, number, part, percent, when, word
from scoring.ml.card_parts import ModelCard
from scoring.models import ModelVersion

FEATURES_SHOWN: Final = 15
# In the head of the card: the measures with what each of them asks.
HEADLINES: Final[dict[str, Promise]] = {
    "auc": gettext_lazy("chance that a bad loan scores above a good one"),
    "ks": gettext_lazy("largest gap between bads and goods"),
    "brier": gettext_lazy("squared error of the PD"),
    "ece": gettext_lazy("PD against the bad rate, on the average"),
}


def model_card(version: ModelVersion, *, list_url: str = "", files: Sequence[CardLink] = ()) -> ModelCardPage:
    """What is shown of a model; of one from before cards, who it is."""
    shown = ModelCardPage(
        title=numbered(version.product, version.number),
        name=str(version),
        state=StateMark(version.status, str(ModelVersion.Status(version.status).label)),
        about=_("%(recipe)s, trained %(time)s")
        % {"recipe": word(RECIPES, version.recipe), "time": when(version.trained_at)},
        identity=(*_identity(version), *_witness(version)),
        list_url=list_url,
        files=tuple(files),
    )
    if not version.card:
        return replace(shown, missing=_("This model is from before model cards: train it anew to have one."))
    card, names = cast(ModelCard, version.card), FactNames(version.feature_table)
    return replace(
        shown,
        figures=_figures(card),
        limits=tuple(limit_words(limit, names.all_facts()) for limit in card["limits"]),
        leaks=tuple(leak["zh" if is_chinese() else "en"] for leak in card["leaks"]),
        plot=_plot(card),
        charts=_charts(card, names),
        data=_data(card),
        reliability=reliability_table(card),
        tables=(models_table(card), *fairness_tables(card, names)),
        bins=bin_tables(card, names),
    )


def _witness(version: ModelVersion) -> tuple[Pair, ...]:
    """How the explanations agree with an independent library's; nothing for models trained before it was asked."""
    heard = version.card.get("witness")
    if heard is None:
        return ()
    label = _("Explanations checked against %(library)s") % {"library": heard["library"]}
    if heard["largest_difference"] is None:
        return (Pair(label, _("nothing in it that the library can read")),)
    figures = {"rows": number(heard["rows"]), "difference": f"{heard['largest_difference']:.0e}"}
    return (Pair(label, _("%(rows)s loans, largest difference %(difference)s log-odds") % figures),)


def _identity(version: ModelVersion) -> tuple[Pair, ...]:
    promoted = ""
    if version.promoted_by:
        promoted = f"{version.promoted_by.display_name}, {when(version.promoted_at)}"
    return (
        Pair(_("Model file"), version.sha256),
        Pair(_("State of the file"), _file_state(version)),
        Pair(_("Training set"), version.dataset_sha256),
        Pair(_("Feature table"), version.feature_table_sha256),
        Pair(_("Made with"), _libraries(version.library_versions)),
        *_origin(version),
        Pair(_("Promoted by"), promoted or _("nobody: it is not in force")),
    )


def _file_state(version: ModelVersion) -> str:
    """Whether the model can be loaded, by the bytes of its file: the same that scoring asks for."""
    try:
        data = (settings.ARTEFACTS / f"{version.sha256}.json").read_bytes()
    except OSError:
        return _("missing: cases go to people")
    return _("in place") if sha256(data).hexdigest() == version.sha256 else _("altered: cases go to people")


def _origin(version: ModelVersion) -> tuple[Pair, ...]:
    """Whence a model has its numbers that was verified under other libraries instead of trained."""
    origin = version.card.get("verified_from")
    if origin is None:
        return ()
    said = _("model file %(sha256)s, made with %(libraries)s")
    figures = {"sha256": origin["sha256"], "libraries": _libraries(origin["versions"])}
    return (Pair(_("Trained as"), said % figures),)


def _libraries(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {release}" for name, release in versions.items())


def _figures(card: ModelCard) -> tuple[Figure, ...]:
    figures = []
    for name, asks in HEADLINES.items():
        words, digits = METRICS[name]
        value, between = measure_words(card["metrics"].get(name), digits)
        figures.append(Figure(str(words), value, f"{between} · {asks}" if between else str(asks)))
    return tuple(figures)


def _plot(card: ModelCard) -> CalibrationPlot:
    points = []
    for point in card["reliability"]:
        rate = point["rate"]
        low, high = rate["low"] or 0.0, rate["high"] if rate["high"] is not None else 1.0
        words = _("predicted %(pd)s, observed %(rate)s") % {"pd": percent(point["pd"]), "rate": percent(rate["value"])}
        points.append((point["pd"], rate["value"], low, high, words))
    return calibration_plot(points)


def _charts(card: ModelCard, names: FactNames) -> tuple[BarChart, ...]:
    features = [(names.fact(share["name"]), share["share"]) for share in card["features"]]
    groups = [(names.group(share["name"]), share["share"]) for share in card["groups"]]
    missing = sorted(card["data"]["missing"].items(), key=lambda item: -item[1])
    absent = [(names.fact(name), share) for name, share in missing[:FEATURES_SHOWN] if share > 0]
    note = _("share of the mean absolute contribution")
    charts = [
        _chart(_("What it leans on"), features, note, "accent"),
        _chart(_("By group of reasons"), groups, note, "accent"),
    ]
    if absent:
        charts.append(_chart(_("Missing in its loans"), absent, _("share of the loans"), "mute"))
    years = card["data"]["by_year"]
    most = max((year["rows"] for year in years), default=0)
    rows = [
        BarRow(year["year"], number(year["rows"]), bar(year["rows"], most), percent(year["bads"] / year["rows"]))
        for year in years
    ]
    if rows:
        charts.append(BarChart(_("Loans by year of application"), tuple(rows), _("with their bad rate")))
    return tuple(charts)


def _chart(words: str, shares: Sequence[tuple[str, float]], note: str, tone: str) -> BarChart:
    largest = max((share for _name, share in shares), default=0.0)
    rows = [BarRow(name, part(share, 1), bar(share, largest, tone)) for name, share in shares[:FEATURES_SHOWN]]
    rest = sum(share for _name, share in shares[FEATURES_SHOWN:])
    if rest:
        rows.append(BarRow(_("All others"), percent(rest), bar(rest, largest, "mute")))
    return BarChart(words, tuple(rows), note)


def _data(card: ModelCard) -> tuple[Pair, ...]:
    data, calibration = card["data"], card["calibration"]
    period = f"{data['first']} – {data['last']}" if data["first"] else pgettext("value", "not known")
    return (
        Pair(_("Loans"), number(data["rows"])),
        Pair(_("Bad loans"), number(data["bads"])),
        Pair(_("Bad rate"), percent(data["bad_rate"])),
        Pair(_("Applied for"), period),
        Pair(_("Calibration"), word(CALIBRATIONS, calibration["kind"])),
        Pair(_("Seed"), str(card["seed"])),
        *_weighing(card),
    )


def _weighing(card: ModelCard) -> tuple[Pair, ...]:
    """How its loans counted; nothing for models trained before they could count otherwise than once."""
    told = card.get("weighing")
    if told is None:
        return ()
    kind = {
        "propensity": _("by the chance that they were seen, at most %(cap)s each") % {"cap": number(told["cap"])},
        "alike": _("all alike: each loan counted once"),
        "none": _("not used, as was asked for: each loan counted once"),
    }[told["kind"]]
    drawn = {"loans": percent(told["by_chance"]), "weight": percent(told["by_chance_weight"])}
    pairs = (
        Pair(_("Weights of the loans"), kind),
        Pair(_("Effective sample size"), number(told["effective_size"])),
        Pair(_("Known only by a random arm"), _("%(loans)s of the loans, %(weight)s of the weight") % drawn),
    )
    if told["kind"] != "propensity":
        return pairs
    once = {name: number(told["unweighted"][name], digits) for name, (_words, digits) in METRICS.items()}
    counted = _("AUC %(auc)s, KS %(ks)s, Brier %(brier)s, log-loss %(log_loss)s, calibration error %(ece)s") % once
    return (*pairs, Pair(_("Its measures, each loan counted once"), counted))
