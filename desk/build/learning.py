"""Labels as figures and drawings: what there is by source and maturity, what is left out, and what a label says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Count, F, FloatField, Sum, Value
from django.db.models.functions import Cast, Coalesce, Least, TruncQuarter
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.states import DecidedBy, Outcome
from desk.charts import Bar, bar, share
from desk.pages.learning import InSet, LabelRow, Legend, Stack, StackRow
from desk.pages.models import Cell, Table
from desk.pages.overview import BarChart, BarRow, Figure, Pair
from desk.words import MISSING, number, part, percent, when
from learning.label_models import MATURED, Basis, Exclusion, LabelWeights, Source
from learning.models import Label, TrainingSetRow

QUARTERS: Final = 16
# In the order in which they lie in a bar.
KINDS: Final[Mapping[str, tuple[tuple[str, ...], Promise, str]]] = {
    "matured": (("outcome",), gettext_lazy("matured outcomes"), "accent"),
    "explored": (("exploration",), gettext_lazy("of explorations"), "approve"),
    "early": (("early_bad",), gettext_lazy("bad before maturity"), "decline"),
    "young": (("immature_good",), gettext_lazy("good so far"), "mute"),
    "views": (("decision", "signature", "blind_review", "inferred"), gettext_lazy("views of people"), "warn"),
}


def label_counts() -> dict[str, int]:
    """Labels by source."""
    return dict(Label.objects.order_by().values_list("source").annotate(n=Count("pk")))


def label_figures(counts: Mapping[str, int], weights: LabelWeights) -> tuple[Figure, ...]:
    """What there is to learn from, and what it is worth under the weights in force."""
    usable = sum(counts.get(source, 0) for source in MATURED)
    worth = worth_of_labels(weights)
    known = Label.objects.filter(source__in=MATURED, propensity__isnull=False).count()
    repayment = usable + counts.get(Source.EARLY_BAD, 0) + counts.get(Source.IMMATURE_GOOD, 0)
    return (
        Figure(_("Labels"), number(sum(counts.values())), _("%(n)s of repayment") % {"n": number(repayment)}),
        Figure(_("Matured outcomes"), number(usable), _("may be learned from")),
        Figure(
            _("Effective sample size"),
            number(worth),
            _("%(part)s of the matured outcomes") % {"part": part(worth, usable)} if usable else "",
        ),
        Figure(_("With a known propensity"), number(known), part(known, usable) if usable else ""),
        Figure(
            _("Of explorations"),
            number(counts.get(Source.EXPLORATION, 0)),
            _("the anchor for declines") if counts.get(Source.EXPLORATION) else _("declines have no outcome at all"),
        ),
    )


def worth_of_labels(weights: LabelWeights) -> float:
    """The effective sample size of all matured labels: (Σw)² / Σw², by source and propensity as in a set."""
    stands_for = Least(Value(1.0) / Coalesce(F("propensity"), Value(1.0)), Value(weights.cap))
    weight: Any = Cast(stands_for, FloatField())
    rows = Label.objects.filter(source__in=MATURED).order_by().annotate(w=weight).values("source")
    total = squares = 0.0
    for row in rows.annotate(total=Sum("w"), squares=Sum(F("w") * F("w"))):
        base = weights.outcome if row["source"] == Source.OUTCOME else weights.exploration
        total, squares = total + base * row["total"], squares + base**2 * row["squares"]
    return total**2 / squares if squares else 0.0


def labels_over_time() -> Stack:
    """The labels by the quarter in which they were observed, the last ones, in parts by kind."""
    kind_of = {source: kind for kind, (sources, _words, _tone) in KINDS.items() for source in sources}
    quarters: dict[Any, Counter[str]] = defaultdict(Counter)
    groups = Label.objects.order_by().annotate(quarter=TruncQuarter("observed_at")).values_list("quarter", "source")
    for quarter, source, count in groups.annotate(n=Count("pk")):
        quarters[quarter][kind_of[source]] += count
    last = sorted(quarters)[-QUARTERS:]
    largest = max((quarters[quarter].total() for quarter in last), default=0)
    return Stack(
        words=_("Labels by quarter observed"),
        legend=tuple(Legend(str(words), tone) for _sources, words, tone in KINDS.values()),
        rows=tuple(_stack_row(quarter, quarters[quarter], largest) for quarter in last),
        note=_("the last %(n)s quarters with labels") % {"n": number(QUARTERS)},
    )


def _stack_row(quarter: Any, counts: Counter[str], largest: int) -> StackRow:
    bars, start = [], 0.0
    for kind, (_sources, _words, tone) in KINDS.items():
        if counts[kind]:
            width = counts[kind] / largest
            bars.append(Bar(share(start), share(width), tone))
            start += width
    told = " · ".join(f"{words} {number(counts[kind])}" for kind, (_s, words, _t) in KINDS.items() if counts[kind])
    name = f"{quarter.year}-Q{(quarter.month + 2) // 3}"
    return StackRow(name, number(counts.total()), tuple(bars), told)


def excluded_chart() -> BarChart:
    """Labels that are in no set, by reason; restated outcomes are those with a later one of the same loan."""
    counts = Counter(
        dict(Label.objects.exclude(exclusion="").order_by().values_list("exclusion").annotate(n=Count("pk")))
    )
    matured = Label.objects.filter(source__in=MATURED, exclusion="")
    both = matured.aggregate(labels=Count("pk"), cases=Count("case", distinct=True))
    counts[Exclusion.RESTATED] += both["labels"] - both["cases"]
    return bar_chart(
        _("Left out, and why"),
        [(str(reason.label), counts[reason.value]) for reason in Exclusion],
        _("labels by reason"),
    )


def bar_chart(words: str, rows: Sequence[tuple[str, int]], note: str) -> BarChart:
    """Labelled bars of counts above nothing."""
    total, largest = sum(count for _words, count in rows), max((count for _words, count in rows), default=0)
    return BarChart(
        words,
        tuple(
            BarRow(label, number(count), bar(count, largest, "accent"), part(count, total))
            for label, count in rows
            if count
        ),
        note,
    )


def bases_table() -> Table:
    """Matured outcomes by how their propensity is known."""
    found = Label.objects.filter(source__in=MATURED).order_by().values("basis")
    by_basis = {each["basis"]: each for each in found.annotate(n=Count("pk"), p=Sum("propensity"))}
    rows = tuple(
        (
            str(basis.label),
            (
                Cell(number(by_basis[basis.value]["n"])),
                Cell(_mean(by_basis[basis.value]["p"], by_basis[basis.value]["n"])),
            ),
        )
        for basis in Basis
        if basis.value in by_basis
    )
    return Table(
        _("How likely it was that they could be seen"),
        (_("How it is known"), _("Matured outcomes"), _("Mean propensity")),
        rows,
        _("an outcome that is seen with a chance of p stands for 1 / p cases like it"),
        _("No outcome has matured yet."),
    )


def _mean(total: float | None, count: int) -> str:
    return MISSING if total is None else number(total / count, 4)


def label_row(label: Label, rows: Sequence[TrainingSetRow]) -> LabelRow:
    """A label with all that is known of it, and the sets that hold it."""
    case: Case = label.case
    return LabelRow(
        key=str(label.pk),
        ref=case.ref,
        case_url=reverse("desk:case", args=[case.ref]),
        source=str(Source(label.source).label),
        says=_says(label),
        pairs=tuple(Pair(words, value) for words, value in _provenance(label) if value),
        excluded=str(Exclusion(label.exclusion).label) if label.exclusion else "",
        sets=tuple(
            InSet(
                _("set %(n)s") % {"n": row.dataset_id},
                reverse("desk:learning_set", args=[row.dataset_id]),
                number(row.weight, 3),
            )
            for row in rows
        ),
    )


def _says(label: Label) -> str:
    if label.is_bad is not None:
        return _("bad") if label.is_bad else _("good")
    return str(Outcome(label.outcome).label) if label.outcome else _("sent back")


def _provenance(label: Label) -> list[tuple[str, str]]:
    by = label.person.display_name if label.person else label.given_by
    window = f"{when(label.window_from)} – {when(label.window_until)}" if label.window_from else ""
    seen = _("%(p)s: %(how)s") % {
        "p": number(label.propensity, 4) if label.propensity is not None else MISSING,
        "how": Basis(label.basis).label,
    }
    agreeing = label.blind_agreeing if label.source == Source.BLIND_REVIEW else None
    return [
        (_("Decided"), _decided(label.case)),
        (_("Observed"), when(label.observed_at)),
        (_("Recorded"), when(label.recorded_at)),
        (_("Given by"), by),
        (_("Window"), window),
        (_("Part of the window that was over"), percent(label.maturity) if label.maturity is not None else ""),
        (_("Propensity"), seen if label.is_bad is not None else ""),
        (_("Weight table"), _weights(label) if label.is_bad is not None else ""),
        (_("People who came to it blind"), "" if agreeing is None else number(agreeing)),
        (_("Agreed evidence"), "" if agreeing is None else _("yes") if label.is_agreed else _("no: fewer than two")),
    ]


def _decided(case: Case) -> str:
    return f"{when(case.decided_at)} · {DecidedBy(case.decided_by).label}" if case.decided_by else ""


def _weights(label: Label) -> str:
    return _("version %(n)s") % {"n": label.weights.number} if label.weights else _("as shipped")
