"""Messages that were kept whole, as rows: what they are, why they were kept, what was tried since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.personal import is_personal, masked_text, masked_value
from desk.build.documents import size_words
from desk.build.message_signs import LOOKED_AT, first_signs
from desk.pages.kept_messages import KeptRow
from desk.pages.shared import StateMark
from desk.words import is_chinese, number, when
from intake.models import MessageStep, RejectedRow
from intake.stored.kept_models import OPEN, SETTLED
from intake.ways_in.stream_messages import BODY
from intake.wording.sentences import SHOWN_LENGTH, shorten
from intake.wording.stored_sentences import told as told_of

MARKS: Final = {
    "asked": "in_review",
    "begun": "in_review",
    "taken_in": "approved",
    "known": "approved",
    "refused": "declined",
    "failed": "declined",
    "died": "declined",
    "called_off": "waiting_info",
    "set_aside": "waiting_info",
}


def looked_at(kept: QuerySet[RejectedRow]) -> QuerySet[RejectedRow]:
    """With `begins` and `size` instead of the bodies, which may be large."""
    body = KeyTextTransform(BODY, "raw")
    size = Func(body, function="octet_length", output_field=IntegerField())
    # One sign more than is shown, to tell that more follows.
    return kept.defer("raw").annotate(begins=Left(body, LOOKED_AT + 1), size=size, came=F("batch__started_at"))


def steps_of(rows: Sequence[RejectedRow]) -> Mapping[int, list[MessageStep]]:
    """What was done with each, in its order; one query."""
    steps = MessageStep.objects.filter(row__in=rows).select_related("actor", "case").order_by("id")
    found: dict[int, list[MessageStep]] = {row.pk: [] for row in rows}
    for step in steps:
        found[step.row_id].append(step)
    return found


def kept_row(row: Any, steps: Sequence[MessageStep], own: frozenset[str]) -> KeptRow:
    """`row` is one of `looked_at`."""
    last = steps[-1] if steps else None
    asked = next((each for each in reversed(steps) if each.actor_id is not None), None)
    tried = sum(each.name == MessageStep.Name.BEGUN for each in steps)
    case = last.case if last else None
    return KeptRow(
        pk=row.pk,
        name=row.message,
        at=when(row.kept_at or row.came),
        why="; ".join(error_words(error, own) for error in row.errors),
        size=size_words(row.size or 0),
        signs=first_signs(row.begins or "", own),
        tried=ngettext("%(n)s time", "%(n)s times", tried) % {"n": number(tried)} if tried else _("not tried"),
        state=StateMark(MARKS[last.name], str(MessageStep.Name(last.name).label)) if last else None,
        last=asked_words(asked) if asked else "",
        errors=tuple(error_words(error, own) for error in (last.errors if last else ())),
        case_ref=case.ref if case else "",
        case_url=reverse("desk:case", args=[case.ref]) if case else "",
        whole_url=reverse("desk:rejected", args=[row.batch_id]),
        mended_url=_refused_url(last),
        may_ask=last is None or last.name not in (*OPEN, *SETTLED),
        is_aside=last is not None and last.name == MessageStep.Name.SET_ASIDE,
    )


def asked_words(asked: MessageStep) -> str:
    """Who asked for it, or set it aside, when and why."""
    by = asked.actor.display_name if asked.actor else ""
    return f"{by} · {when(asked.at)} · {masked_text(asked.reason)}"


def error_words(error: Mapping[str, str], own: frozenset[str]) -> str:
    """What was wrong, in the reader's language, without what names a person."""
    if "problem" in error:
        return _("It could not be taken in: %(problem)s") % {"problem": error["problem"]}
    field, value = error["field"], shorten(error["value"], SHOWN_LENGTH)
    words = told_of(error, "zh" if is_chinese() else "en")
    masked = masked_value(field, error["value"], own) if is_personal(field, own) else masked_text(value)
    told = words.replace(value, masked) if value else words
    return f"{field}: {told}" if field and field != "message" else told


def _refused_url(last: MessageStep | None) -> str:
    if last is None or last.name != MessageStep.Name.REFUSED or last.batch_id is None:
        return ""
    return reverse("desk:rejected", args=[last.batch_id])
