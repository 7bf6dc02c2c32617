"""The lines of a policy that follow from its promise: evidence in, lines out, with all that they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from routing.guarantee import promised_decline_cut_off, upper_bound
from routing.guarantee_segments import SegmentCutOff, SegmentCutOffs, Standing, segment_cut_offs
from routing.guarantee_weighted import weighted_cut_off
from routing.promise_evidence import Evidence, Words
from routing.promised_rules import may_approve
from routing.terms import Bands, Promise, Terms
from routing.usual_examples import usual_examples

# An approval line below every PD: the machine approves nobody.
NOBODY: Final = 1e-9
# Lines are rounded to the safe side at a millionth, so that the figure people read is the figure that decides.
STEPS: Final = 1_000_000
# What holds a line back beside the promise: the cut-off of the advice, or the line from which the machine declines.
Held = Literal["", "cut_off", "decline_line"]


@dataclass(frozen=True)
class Line:
    """What follows in a segment ("": everybody else): its lines, and what they rest on.

    `cut_off` is the PD up to which the promise would hold, None where it holds for no one (0 is no cut-off) and 1 where
    it holds for all; `approve_below` is the line drawn, `held` what keeps it below that. `misses` of the `bads` lie
    below the line, so that the true miss rate is at most `bound` with the promised confidence (None where weights
    differ: then the promise itself is the bound). `money` is the missed share of the exposure of the bads.
    `declined_goods` of the `goods` lie from `decline_above` on.
    """

    segment: str
    standing: Standing
    method: Literal["exact", "weighted"]
    bads: int
    misses_allowed: int
    cut_off: float | None
    approve_below: float
    held: Held
    misses: int
    bound: float | None
    money: float | None
    goods: int
    decline_above: float
    declined_goods: int
    decline_bound: float


@dataclass(frozen=True)
class Drawn:
    """All lines, those of the segments with bads enough first and everybody else's last; `pooled` are the segments
    that share the last one, with their bads. `explored_left_out` approvals by lot were too few to be weighed."""

    lines: tuple[Line, ...]
    pooled: Mapping[str, int]
    explored_left_out: int

    @property
    def rest(self) -> Line:
        """Everybody else's."""
        return self.lines[-1]

    @property
    def keeps(self) -> bool:
        """Whether the machine may approve anybody at all."""
        return any(line.standing != "none" for line in self.lines)


def draw(terms: Terms, promise: Promise, evidence: Evidence) -> Drawn:
    """The lines that keep the promise, segment by segment where the terms name a field of segments.

    The approval line is that of `segment_cut_offs`, never above the cut-off of the advice nor above a decline line
    that no promise moves. Where declines of good loans are promised too, the decline line is that of
    `promised_decline_cut_off`, never below the cut-off of the advice. The two promises bound from one side each: a
    lower approval line and a higher decline line only keep them better. Where they leave nothing between them, both
    lines are the approval line, both promises hold, and nobody must be seen for their sake.
    """
    usable = weighable(promise, evidence)
    words = usable.words(terms.segment_by)
    cut_offs = segment_cut_offs(
        usable.pd[usable.bad],
        list(words[usable.bad]),
        promise.miss_rate,
        promise.confidence,
        weights=usable.weight[usable.bad],
        pooled=("",),
    )
    own = [name for name, found in cut_offs.of.items() if found.standing == "own"]
    lines = [_line(terms, promise, usable.only(words == name), name, cut_offs.of[name]) for name in own]
    lines.append(_line(terms, promise, usable.only(~np.isin(words, own)), "", cut_offs.rest))
    return Drawn(tuple(lines), _pooled(cut_offs, usable, words), len(evidence) - len(usable))


def weighable(promise: Promise, evidence: Evidence) -> Evidence:
    """The evidence, without approvals by lot where these few outweigh all others so far that nothing could be shown.

    It follows from the weights alone, whatever the scores are. What is left out lay beyond the decline line of its
    day: bads that no approval line misses. Without them the promise is about fewer bads, so the line is no higher.
    """
    weights = evidence.weight[evidence.bad]
    if not evidence.explored.any() or not len(weights):
        return evidence
    blank = np.arange(len(weights), dtype=np.float64)
    hopeless = weighted_cut_off(blank, weights, promise.miss_rate, promise.confidence) == -np.inf
    return evidence.only(~evidence.explored) if hopeless else evidence


def _pooled(cut_offs: SegmentCutOffs, evidence: Evidence, words: Words) -> dict[str, int]:
    alone = {name for name, found in cut_offs.of.items() if found.standing == "own"}
    names = sorted({str(name) for name in np.unique(words)} - alone - {""})
    return {name: int((evidence.bad & (words == name)).sum()) for name in names}


def _line(terms: Terms, promise: Promise, here: Evidence, segment: str, found: SegmentCutOff) -> Line:
    present = terms.segment_bands.get(segment, terms.bands)
    approve, held = _approve_line(terms, promise, present, found.cut_off)
    goods = here.pd[~here.bad]
    decline = present.decline_above
    if promise.good_decline_rate is not None:
        promised = promised_decline_cut_off(goods, promise.good_decline_rate, promise.confidence)
        raised = math.ceil(min(max(promised, 0.0), 1.0) * STEPS) / STEPS
        decline = max(raised, terms.cut_off or 0.0, approve)
    missed = here.bad & (here.pd < approve)
    declined = int((goods >= decline).sum())
    at_stake = float(here.exposure[here.bad].sum())
    return Line(
        segment=segment,
        standing=found.standing,
        method="weighted" if found.weighted else "exact",
        bads=found.bads,
        misses_allowed=found.misses_allowed,
        cut_off=None if found.cut_off == -np.inf else min(float(found.cut_off), 1.0),
        approve_below=approve,
        held=held,
        misses=int(missed.sum()),
        bound=None if found.weighted else upper_bound(int(missed.sum()), found.bads, promise.confidence),
        money=float(here.exposure[missed].sum()) / at_stake if at_stake else None,
        goods=len(goods),
        decline_above=decline,
        declined_goods=declined,
        decline_bound=upper_bound(declined, len(goods), promise.confidence),
    )


def _approve_line(terms: Terms, promise: Promise, present: Bands, cut_off: float) -> tuple[float, Held]:
    """The approval line that a promised cut-off gives, and what holds it below that."""
    if cut_off == -np.inf:
        return NOBODY, ""
    line = math.floor(min(cut_off, 1.0) * STEPS) / STEPS
    held: Held = ""
    if terms.cut_off is not None and line > terms.cut_off:
        line, held = terms.cut_off, "cut_off"
    if promise.good_decline_rate is None and line > present.decline_above:
        line, held = present.decline_above, "decline_line"
    return max(line, NOBODY), held


@dataclass(frozen=True)
class Kept:
    """What a version as it stands would keep in a segment ("": everybody else), each loan counted once: `misses` of
    `bads` (that its rules might approve: `promised_rules.may_approve`) and `declined` of `goods` (by the line), and the
    rates that the true ones stay below with the confidence asked for."""

    segment: str
    bads: int
    misses: int
    bound: float
    goods: int
    declined: int
    decline_bound: float


def kept_by(terms: Terms, evidence: Evidence, confidence: float) -> tuple[Kept, ...]:
    """What could be promised at the lines and rules of the terms as they stand, segments with own lines first.

    The lines were not drawn from this evidence, so the bounds are those of one test each.
    """
    words, own = evidence.words(terms.segment_by), list(terms.segment_bands)
    groups = [(name, words == name, terms.segment_bands[name]) for name in own]
    groups.append(("", ~np.isin(words, own), terms.bands))
    missed, found = evidence.bad & may_approve(terms, evidence), []
    for name, here, bands in groups:
        bad, good = evidence.pd[here & evidence.bad], evidence.pd[here & ~evidence.bad]
        misses, declined = int((here & missed).sum()), int((good >= bands.decline_above).sum())
        found.append(
            Kept(
                segment=name,
                bads=len(bad),
                misses=misses,
                bound=upper_bound(misses, len(bad), confidence),
                goods=len(good),
                declined=declined,
                decline_bound=upper_bound(declined, len(good), confidence),
            )
        )
    return tuple(found)


def with_lines(terms: Terms, promise: Promise, drawn: Drawn, evidence: Evidence) -> Terms:
    """The terms with these lines and what they rest on. Examples that were the usual ones follow the lines."""
    lines = {line.segment: Bands(line.approve_below, line.decline_above) for line in drawn.lines[:-1]}
    rest = drawn.rest
    usual = terms.examples == usual_examples(terms.approve_below, terms.decline_above)
    return replace(
        terms,
        approve_below=rest.approve_below,
        decline_above=rest.decline_above,
        segment_bands=lines,
        promise=replace(promise, evidence=as_written(terms, promise, drawn, evidence)),
        examples=usual_examples(rest.approve_below, rest.decline_above) if usual else terms.examples,
    )


def as_written(terms: Terms, promise: Promise, drawn: Drawn, evidence: Evidence) -> dict[str, Any]:
    """What the lines rest on, in plain JSON: the same evidence and terms give the same."""
    return {
        "model": evidence.model,
        "model_sha256": evidence.model_sha256,
        "miss_rate": promise.miss_rate,
        "good_decline_rate": promise.good_decline_rate,
        "confidence": promise.confidence,
        "segment_by": terms.segment_by,
        "loans": len(evidence),
        "bads": evidence.bads,
        "held_out_bads": int((evidence.bad & ~evidence.live).sum()),
        "live_bads": int((evidence.bad & evidence.live).sum()),
        "explored": int(evidence.explored.sum()) - drawn.explored_left_out,
        "explored_left_out": drawn.explored_left_out,
        "since": evidence.since,
        "until": evidence.until,
        "as_of": evidence.as_of,
        "lines": [asdict(line) for line in drawn.lines],
        "pooled": dict(drawn.pooled),
    }


def follows_from_evidence(terms: Terms) -> bool:
    """Whether the lines are those that the promise's evidence gave: nobody moved them, or the promise, since."""
    promise = terms.promise
    if promise is None or not promise.evidence.get("lines"):
        return False
    said = promise.evidence
    drawn: Sequence[Mapping[str, Any]] = said["lines"]
    bands = {str(line["segment"]): Bands(line["approve_below"], line["decline_above"]) for line in drawn}
    rest = bands.pop("")
    promised = (said["miss_rate"], said["good_decline_rate"], said["confidence"], said["segment_by"])
    return (rest, bands) == (terms.bands, dict(terms.segment_bands)) and promised == (
        promise.miss_rate, promise.good_decline_rate, promise.confidence, terms.segment_by,
    )  # fmt: skip
