"""How a source does: its batches as sparklines, what is not as usual in words, and what was decided since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, User
from cases.states import DecidedBy, Outcome, State
from desk.build.feature_words import FeatureWords
from desk.counts import capped_counts
from desk.pages.sources import DecidedRow, HealthLines, Quarantine, SignLine
from desk.sparks import spark
from desk.words import before_chinese, money, number, percent, when
from intake.health.batches_before import spell_of
from intake.health.quarantine import RELEASES
from intake.health.silence import silent_since
from intake.models import Batch, Source, SourceStep

DRAWN: Final = 20
SENTENCES: Final[Mapping[str, Promise]] = {
    "missing": gettext_lazy("%(feature)s is missing in %(value)s of %(rows)s rows; usual is %(usual)s"),
    "zeros": gettext_lazy("%(feature)s is nought or less in %(value)s of %(rows)s rows; elsewhere in %(usual)s"),
    "scale": gettext_lazy(
        "%(feature)s lies ten times or more beyond what is usual in %(value)s of %(rows)s rows: is its unit right?"
    ),
    "one_value": gettext_lazy(
        "%(feature)s is one and the same value in %(value)s of %(rows)s rows; usual is at most %(usual)s"
    ),
    "one_value_alone": gettext_lazy("%(feature)s is one and the same value in %(value)s of %(rows)s rows"),
    "refused": gettext_lazy("%(value)s of %(rows)s rows could not be taken in; usual is %(usual)s"),
    "unreadable": gettext_lazy("%(rows)s rows could not be looked at (%(feature)s): a person has to"),
    "new_values": gettext_lazy("%(feature)s holds values never seen before in %(value)s of %(rows)s rows"),
    "distribution": gettext_lazy("%(feature)s is spread otherwise than usual in %(rows)s rows: index %(value)s"),
}


def recent_batches(sources: Sequence[Source]) -> dict[int, list[Batch]]:
    """The last batches of each source, the oldest first, in one query."""
    place = Window(RowNumber(), partition_by="source_id", order_by=F("id").desc())
    fields = ("source_id", "kind", "started_at", "finished_at", "rows", "measures", "signs")
    found = Batch.objects.filter(source__in=sources).annotate(place=place).filter(place__lte=DRAWN).only(*fields)
    batches: dict[int, list[Batch]] = {source.pk: [] for source in sources}
    for batch in sorted(found, key=lambda each: each.pk):
        batches[batch.source_id].append(batch)
    return batches


def health_lines(batches: Sequence[Batch], words: FeatureWords) -> HealthLines:
    """Rows, refused rows, missing cells and shift of the last batches, each with its last figure; where all rows were
    refused, no cells are missing and nothing shifts. One feature that is missing is little beside all cells: so the
    worst of those that are told of is named beside the line."""
    rows = [float(batch.rows) for batch in batches]
    refused, missing, shift = (
        [float(batch.measures[name]) for batch in batches if name in batch.measures]
        for name in ("refused", "missing", "shift")
    )
    counted = number(rows[-1]) if rows else ""
    sent_back = percent(refused[-1]) if refused else ""
    empty = percent(missing[-1]) if missing else ""
    moved = number(shift[-1], 2) if shift else ""
    worst = {what: _worst(batches[-1], what, words) if batches else "" for what in ("missing", "distribution")}
    return HealthLines(
        volume=spark(rows, _("Rows: %(n)s last") % {"n": counted}, last=counted),
        refused=spark(refused, _("Refused rows: %(n)s last") % {"n": sent_back}, least_top=0.1, last=sent_back),
        missing=spark(
            missing,
            _("Missing cells: %(n)s last") % {"n": empty},
            least_top=0.1,
            last=empty,
            worst=worst["missing"],
        ),
        shift=spark(
            shift, _("Shift: %(n)s last") % {"n": moved}, least_top=0.25, last=moved, worst=worst["distribution"]
        ),
    )


def _worst(batch: Batch, what: str, words: FeatureWords) -> str:
    """The feature with the largest figure of a kind among what is told of a batch, and the figure; "" for none."""
    signs = [sign for sign in batch.signs if sign["what"] == what]
    if not signs:
        return ""
    sign = max(signs, key=lambda each: float(each["value"]))
    shown = number(sign["value"], 2) if what == "distribution" else percent(sign["value"])
    return f"{words.of(sign['product'], str(sign['feature']), batch.source_id)} {shown}"


def is_unjudged(source: Source, batches: Sequence[Batch]) -> bool:
    """Whether nothing that came could be compared with what is usual: then nobody knows that it is healthy. How many
    rows were refused is counted from the first file on, and says nothing of the others."""
    return source.state == Source.State.HEALTHY and not any("shift" in batch.measures for batch in batches)


def sign_lines(signs: Sequence[Mapping[str, Any]], words: FeatureWords, source_id: int) -> tuple[SignLine, ...]:
    """What is not as usual, the worst first."""
    return tuple(SignLine(_sentence(sign, words, source_id), sign["grade"] == "bad") for sign in signs)


def _sentence(sign: Mapping[str, Any], words: FeatureWords, source_id: int) -> str:
    is_index = sign["what"] == "distribution"
    feature = str(sign["feature"])
    shown = {
        # What names no product is the failure that kept rows from being looked at, in brackets.
        "feature": before_chinese(words.of(sign["product"], feature, source_id)) if sign["product"] else feature,
        "value": number(sign["value"], 2) if is_index else percent(sign["value"]),
        "usual": percent(sign["usual"]),
        "rows": number(sign["rows"]),
    }
    # Of a first table with which nothing can be compared nobody knows what is usual.
    is_alone = sign["what"] == "one_value" and not sign["usual"]
    return str(SENTENCES["one_value_alone" if is_alone else sign["what"]]) % shown


def watched(source: Source, batches: Sequence[Batch]) -> str:
    """Since when has been told of what the newest batch tells of, as far back as these go, the oldest first; "" where
    it tells of nothing, or where the source is quarantined for it."""
    if not batches or not batches[-1].signs or source.state != Source.State.HEALTHY:
        return ""
    features = {(sign["product"], sign["feature"]) for sign in batches[-1].signs}
    told = [(each.started_at, each.signs) for each in reversed(batches)]
    since = spell_of(told, features, began=batches[-1].started_at).since
    if len(batches) == DRAWN and since == batches[0].started_at:
        return _("watched since %(time)s or before") % {"time": when(since)}
    return _("watched since %(time)s") % {"time": when(since)}


def silence(source: Source, batches: Sequence[Batch]) -> str:
    """That nothing came for longer than was promised; "" while all is well or nothing is promised."""
    since = silent_since(source, batches)
    return _("nothing since %(time)s") % {"time": when(since)} if since else ""


def first_sign(source: Source) -> datetime | None:
    """When what was last wrong with the source began, whether it is released by now or not; None when all was well."""
    if source.bad_since is not None:
        return source.bad_since
    step = source.steps.filter(name=SourceStep.Name.QUARANTINED).last()
    return datetime.fromisoformat(step.facts["since"]) if step else None


def quarantine_card(source: Source, user: User, typed: str, words: FeatureWords) -> Quarantine | None:
    """Why a source is quarantined, and the form for whoever may release it; None while it is healthy."""
    if source.state != Source.State.QUARANTINED:
        return None
    step = source.steps.filter(name=SourceStep.Name.QUARANTINED).last()
    held = Case.objects.filter(source=source.slug, state=State.NEEDS_DATA)
    return Quarantine(
        since=when(source.bad_since),
        signs=sign_lines(step.facts.get("signs", ()), words, source.pk) if step else (),
        held=capped_counts({"held_here": held})["held_here"],
        release_url=reverse("desk:source_release", args=[source.slug]) if user.role in RELEASES else "",
        reason=typed,
    )


def decided_row(case: Case) -> DecidedRow:
    """What waits for a signature has no outcome yet, and stands there with its state."""
    is_decided = bool(case.decided_by)
    return DecidedRow(
        ref=case.ref,
        url=reverse("desk:case", args=[case.ref]),
        decided_by=str(DecidedBy(case.decided_by).label),
        outcome=str(Outcome(case.outcome).label if is_decided else State(case.state).label),
        at=when(case.decided_at),
        amount=money(case.amount, case.currency),
    )
