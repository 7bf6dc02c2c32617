"""Loans like this one in words: why each is shown, what differs, and how the group turned out."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.states import DecidedBy, Kind
from desk.build.facts import fact_value, reader_language
from desk.dossier import Dossier
from desk.pages.case_file import Difference, SimilarCases, SimilarRow
from desk.words import amount_cell, number, percent
from learning.similar import Like, Similar, similar_to
from scoring.ml.features import FeatureTable

WHY: Final[dict[str, Promise]] = {
    "nearest": gettext_lazy("most alike"),
    "between": gettext_lazy("between this case and the line"),
    "beyond": gettext_lazy("on the other side of the line"),
    "otherwise": gettext_lazy("most alike that turned out otherwise"),
}
USUAL_LINE: Final = 0.5


def similar_cases(dossier: Dossier) -> SimilarCases:
    """Past loans like the case of this dossier; a sentence where there is nothing to compare."""
    case, assessment, table = dossier.case, dossier.assessment, dossier.table
    if dossier.is_bare:
        return SimilarCases(refusal=_("First say what you think: cases like this one are shown after that."))
    if assessment is None or table is None:
        return SimilarCases(refusal=_("The machine has not assessed this case yet."))
    if case.kind != Kind.APPLICATION:
        return SimilarCases(refusal=_("Only applications are compared with past loans."))
    line = _line(dossier)
    found = similar_to(assessment, table, product=case.product, line=line)
    if not found.loans:
        return SimilarCases(refusal=_("No loan around this PD has a known outcome yet."))
    return SimilarCases(
        rows=tuple(_row(like, table, line) for like in found.loans),
        rate=_rate(found),
        about=_("Of %(pool)s loans around this PD whose outcome is known, by the facts that weigh most with the model.")
        % {"pool": number(found.pool)},
    )


def _line(dossier: Dossier) -> float:
    """The PD at which the advice turns: the cut-off, else where the policy no longer approves."""
    assessment, lines = dossier.assessment, dossier.route.lines if dossier.route else {}
    if assessment is not None and assessment.cut_off is not None:
        return float(assessment.cut_off)
    return float(lines.get("cut_off") or lines.get("approve_below") or USUAL_LINE)


def _rate(found: Similar) -> str:
    if not found.group:
        return _("Too few for a rate.")
    figures = {
        "n": number(found.group),
        "good": number(found.group - found.bads),
        "bad": number(found.bads),
        "share": percent(found.bads / found.group, 0),
    }
    return _("%(n)s similar: %(good)s repaid, %(bad)s late (%(share)s)") % figures


def _row(like: Like, table: FeatureTable, line: float) -> SimilarRow:
    ref = f"CR-{like.case_id}"
    return SimilarRow(
        ref=ref,
        url=reverse("desk:case", args=[ref]),
        why=str(WHY[like.why]),
        pd=percent(like.pd),
        amount=amount_cell(like.amount, like.currency),
        outcome=_("late") if like.bad else _("repaid"),
        bad=like.bad,
        decided_by=str(DecidedBy(like.decided_by).label),
        side=_("above the line") if like.pd >= line else _("below the line"),
        differences=tuple(_difference(table, *apart, currency=like.currency) for apart in like.told_apart),
    )


def _difference(table: FeatureTable, name: str, there: float, here: float, *, currency: str) -> Difference:
    feature = table.by_name[name]
    return Difference(
        words=feature.words.text(reader_language()),
        there=fact_value(feature, there, currency),
        here=fact_value(feature, here, currency),
    )
