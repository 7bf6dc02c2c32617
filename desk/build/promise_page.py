"""The page of a promise from evidence and terms: what is promised, what it rests on, which lines follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.products import version_words
from desk.build.promise import origin, short
from desk.pages import Cell, Finding, Pair, Table
from desk.plots import FrontierPlot, frontier_plot
from desk.words import MISSING, SEGMENTS, number, percent, word
from learning.promises import Frontier
from routing.guarantee import bads_needed
from routing.promise_evidence import Evidence
from routing.promised_lines import Drawn, Kept, Line
from routing.terms import Promise, Terms

FIELDS: Final[Mapping[str, Words]] = {
    "": gettext_lazy("one pair of lines for all"),
    "region": gettext_lazy("Region"),
    "industry": gettext_lazy("Industry"),
    "channel": gettext_lazy("Channel"),
    "applicant_segment": gettext_lazy("Applicant's segment"),
}
HELD: Final[Mapping[str, Words]] = {
    "cut_off": gettext_lazy("held by the cut-off of the advice"),
    "decline_line": gettext_lazy("held by the decline line"),
}


def line_words(pd: float) -> str:
    """A line as it decides: to a ten-thousandth of a percent, so that it reads as it stands in the terms."""
    return percent(pd, 4)


def says(promise: Promise) -> str:
    """The promise as a sentence."""
    told = _(
        "Of the loans granted so far that turned bad, the machine approves at most %(rate)s by itself, with "
        "%(confidence)s confidence."
    ) % {"rate": short(promise.miss_rate), "confidence": short(promise.confidence)}
    if promise.good_decline_rate is None:
        return told
    return (
        told
        + " "
        + _("Of those that did not, it declines at most %(rate)s by itself, with the same confidence.")
        % {"rate": short(promise.good_decline_rate)}
    )


def evidence_pairs(evidence: Evidence, drawn: Drawn | None) -> tuple[Pair, ...]:
    """How many bads from where and when."""
    live = int((evidence.bad & evidence.live).sum())
    pairs = [
        Pair(_("Model"), f"{version_words(evidence.model)} · {evidence.model_sha256[:12]}"),
        Pair(_("Loans whose end is known"), number(len(evidence))),
        Pair(_("Turned bad"), number(evidence.bads)),
        Pair(_("… held out of training"), number(evidence.bads - live)),
        Pair(_("… scored here"), number(live)),
        Pair(_("Applied for"), f"{evidence.since} – {evidence.until}" if len(evidence) else MISSING),
        Pair(_("Last outcome"), evidence.as_of or MISSING),
    ]
    if drawn is not None:
        pairs.append(Pair(_("Way of counting"), _method(drawn)))
        if drawn.explored_left_out:
            pairs.append(Pair(_("Approved by lot, left out"), number(drawn.explored_left_out)))
    return tuple(pairs)


def _method(drawn: Drawn) -> str:
    if any(line.method == "weighted" for line in drawn.lines):
        return _("weighted: one over the chance of being observed")
    return _("exact: each loan counts once")


def notes(terms: Terms) -> tuple[str, ...]:
    """What the promise rests on, and what it does not cover."""
    told = [
        _(
            "Loans that were never granted have no outcome. The promise is about the loans granted so far that turned "
            "bad; it carries over to new applicants only as far as they are like those."
        ),
        _("It is void where the book drifts. The live check is what tells, as outcomes mature."),
        _(
            "Rules that send a case to people make it safer still. A rule that approves past the lines is not covered; "
            "the live check counts it."
        ),
    ]
    capacity = terms.capacity
    if capacity is not None and capacity.fallback == "approve" and capacity.appetite > terms.approve_below:
        told.append(
            _(
                "Beyond people's hours the machine may approve below a PD of %(appetite)s, above the line: the promise "
                "does not cover that, the live check counts it."
            )
            % {"appetite": short(capacity.appetite)}
        )
    return tuple(told)


def standing(said: Mapping[str, Any] | None) -> tuple[Finding, ...]:
    """Whether the lines as they stand keep the promise; nothing where none is made (see `promise_at_lines`)."""
    if said is None:
        return ()
    if said["standing"] == "drawn":
        return (Finding("ok", _("The lines are drawn from the promise."), ""),)
    by_hand = _("The lines are set by hand or for another model, or rows approve beyond them.")
    if said.get("unread"):
        unread = _("They ask what the evidence does not hold: %(fields)s.") % {"fields": ", ".join(said["unread"])}
        return (Finding("bad", _("Rows approve beyond the line: nothing shows that the promise is kept."), unread),)
    if said["standing"] == "unproven":
        return (Finding("bad", _("Nothing shows that the lines keep the promise: there is no evidence."), by_hand),)
    figures = {"miss": percent(said["miss_rate"]), "declined": percent(said["good_decline_rate"])}
    bounds = _("The evidence bounds the bad loans approved at %(miss)s and the good loans declined at %(declined)s.")
    if said["standing"] == "kept":
        return (Finding("ok", _("The lines as they stand keep the promise."), f"{by_hand} {bounds % figures}"),)
    return (Finding("bad", _("The lines as they stand do not keep the promise."), f"{by_hand} {bounds % figures}"),)


def answers(promise: Promise, seen: float, least: float, allowed: float, terms: Terms) -> tuple[Finding, ...]:
    """What the evidence says to the promise: the share it needs, and the best promise at the share allowed."""
    kept = seen <= allowed + 1e-9
    figures = {
        "rate": short(promise.miss_rate), "seen": percent(seen), "allowed": short(allowed), "least": percent(least),
        "line": short(terms.decline_above),
    }  # fmt: skip
    needs = _(
        "A promise of %(rate)s needs %(seen)s of the loans seen by people at the present decline line of %(line)s."
    )
    best = _("With %(allowed)s seen by people the best promise there is %(least)s.")
    verdict = (
        _("The promise can be kept with at most %(allowed)s seen by people.")
        if kept
        else _("The promise cannot be kept with at most %(allowed)s seen by people.")
    )
    return (Finding("ok" if kept else "bad", verdict % figures, needs % figures + " " + best % figures),)


def segment_words(field: str, segment: str) -> str:
    """A segment as it is read; "" is everybody without lines of their own."""
    if not segment:
        return _("everybody else") if field else _("everybody")
    return word(SEGMENTS, segment) if field == "applicant_segment" else segment


def lines_table(terms: Terms, promise: Promise, drawn: Drawn) -> Table:
    """The lines that follow, with their counts."""
    needed = bads_needed(promise.miss_rate, promise.confidence)
    return Table(
        words=_("Lines that follow"),
        note=_("PDs, drawn so that the promise is kept"),
        columns=(
            str(FIELDS[terms.segment_by]) if terms.segment_by else _("Holds for"),
            _("Approves below"), _("Declines from"), _("Bad loans"), _("Missed at this line"),
            _("True miss rate at most"), _("Good loans declined"),
        ),
        rows=tuple((segment_words(terms.segment_by, line.segment), _line_cells(line, needed)) for line in drawn.lines),
    )  # fmt: skip


def _line_cells(line: Line, needed: int) -> tuple[Cell, ...]:
    nobody = line.standing == "none"
    allowed = _("of %(n)s allowed") % {"n": number(max(line.misses_allowed, 0))}
    money = "" if line.money is None else _("%(share)s of the bad money") % {"share": percent(line.money)}
    bound = MISSING if nobody else _("the promise") if line.bound is None else percent(line.bound, 2)
    declined = _("of %(n)s · at most %(bound)s") % {"n": number(line.goods), "bound": percent(line.decline_bound, 2)}
    return (
        Cell(pgettext("approves", "nobody") if nobody else line_words(line.approve_below),
             str(HELD[line.held]) if line.held else ""),
        Cell(line_words(line.decline_above)),
        Cell(number(line.bads), _("%(n)s needed") % {"n": number(needed)} if nobody else ""),
        Cell(number(line.misses), allowed + (f" · {money}" if money else "")),
        Cell(bound),
        Cell(number(line.declined_goods), declined),
    )  # fmt: skip


def shared_words(terms: Terms, promise: Promise, drawn: Drawn) -> str:
    """Which segments have too few bads for lines of their own, and how many it would take."""
    if not drawn.pooled:
        return ""
    names = ", ".join(f"{segment_words(terms.segment_by, name)} ({number(n)})" for name, n in drawn.pooled.items())
    needed = bads_needed(promise.miss_rate, promise.confidence)
    return _("Too few bad loans for lines of their own (%(needed)s are needed); they share the last: %(names)s") % {
        "needed": number(needed), "names": names,
    }  # fmt: skip


def present_table(terms: Terms, kept: Sequence[Kept]) -> Table:
    """What could be promised at the lines of the version as it stands."""
    bands = {**terms.segment_bands, "": terms.bands}
    return Table(
        words=_("At the lines as they stand"),
        note=origin(terms),
        columns=(_("Holds for"), _("Approves below"), _("Missed"), _("True miss rate at most"), _("Declines from"),
                 _("Good loans declined"), _("At most")),
        rows=tuple(
            (
                segment_words(terms.segment_by, one.segment),
                (
                    Cell(line_words(bands[one.segment].approve_below)),
                    Cell(number(one.misses), _("of %(n)s") % {"n": number(one.bads)}),
                    Cell(percent(one.bound, 2)),
                    Cell(line_words(bands[one.segment].decline_above)),
                    Cell(number(one.declined), _("of %(n)s") % {"n": number(one.goods)}),
                    Cell(percent(one.decline_bound, 2)),
                ),
            )
            for one in kept
        ),
    )  # fmt: skip


def plot_of(frontier: Frontier, promise: Promise, seen: float, allowed: float) -> FrontierPlot:
    """The frontier drawn: across the promise, upwards what people must see for it."""

    def point(rate: float, share: float) -> tuple[float, float, str]:
        return rate, share, _("%(rate)s promised: %(seen)s seen") % {"rate": short(rate), "seen": percent(share)}

    points = [point(rate, share) for rate, share in frontier.needed.items()]
    return frontier_plot(points, point(promise.miss_rate, seen), allowed)


def least_table(least: Mapping[float, float]) -> Table:
    """The smallest promise for each share that people see."""
    return Table(
        words=_("The best promise"),
        note=_("at the present decline line, one for all segments"),
        columns=(_("Seen by people"), _("Best promise")),
        rows=tuple((short(share), (Cell(percent(rate)),)) for share, rate in sorted(least.items())),
    )


def frontier_table(frontier: Frontier) -> Table:
    """What each promise takes; shares are of the loans whose end is known, each counted once."""
    points = {point.promise: point for point in frontier.points}
    return Table(
        words=_("What each promise takes"),
        note=_("shares of the loans whose end is known"),
        columns=(_("Promise"), _("Approves below"), _("Approved"), _("Seen by people"), _("Declined")),
        rows=tuple(
            (
                short(rate),
                (
                    Cell(
                        line_words(point.approve_below) if point.approve_below > 0 else pgettext("approves", "nobody")
                    ),
                    Cell(percent(point.approved)),
                    Cell(percent(point.reviewed)),
                    Cell(percent(point.declined)),
                ),
            )
            for rate, point in points.items()
        ),
    )
