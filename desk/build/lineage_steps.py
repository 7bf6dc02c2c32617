"""What was done to a value on its way into a case, in words: the steps of a mapping, rows of other sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.office import OFFICE
from desk.build.mapping_words import COMPUTED_WORDS, MADE_WORDS, OTHER_WORDS, TYPE_WORDS, ZONES
from desk.words import day, number, when
from intake.gate.lineage import Reading, Step
from intake.mapped.joined import is_whole_day
from intake.mapped.other_documents import MARK, OF_WHOM
from intake.models import NUMBERED, ReferenceRow
from intake.tabular.returned import ZEROS_PUT_BACK

STEPS: Final[Mapping[str, Promise]] = {
    "trimmed": gettext_lazy("text, without blanks around it and signs that nobody sees"),
    "visible": gettext_lazy("text, without signs that nobody sees"),
    "missing": gettext_lazy("means not known: %(given)s"),
    "values": gettext_lazy("read as: %(given)s"),
    "other": gettext_lazy("what is not listed: %(given)s"),
    "pattern": gettext_lazy("the part that fits %(given)s"),
    "type": gettext_lazy("read as %(given)s"),
    "unread": gettext_lazy("what is none: %(given)s"),
    "decimal": gettext_lazy("decimal mark %(given)s"),
    "format": gettext_lazy("date as %(given)s"),
    "utc_offset": gettext_lazy("a time without a zone: %(given)s"),
    "scale": gettext_lazy("times %(given)s"),
    "scales": gettext_lazy("in one unit: %(given)s"),
    "prefix": gettext_lazy("with %(given)s before it"),
    "minimum": gettext_lazy("believed from %(given)s"),
    "maximum": gettext_lazy("believed up to %(given)s"),
    "beyond": gettext_lazy("beyond that: %(given)s"),
    "constant": gettext_lazy("the same for every row: %(given)s"),
    "default": gettext_lazy("a stand-in, because the table does not say: %(given)s"),
    "derive": gettext_lazy("made up from the row's reference: %(given)s"),
    "compute": gettext_lazy("computed: %(given)s"),
    "row_hash": gettext_lazy("a hash of the row"),
    "import_time": gettext_lazy("the time of the import"),
    ZEROS_PUT_BACK: gettext_lazy("zeros before it, which a mended row had lost, put back"),
    MARK: gettext_lazy("the number of another document, not checked: %(given)s"),
}
_CHECKED: Final = Step("type", "identity_number")
GIVEN_WORDS: Final[Mapping[str, Mapping[str, Promise | str]]] = {
    "type": {
        **TYPE_WORDS,
        "money": gettext_lazy("an amount of money"),
        "months": gettext_lazy("a term in months"),
        "currency": gettext_lazy("a currency by its code"),
        "slug": gettext_lazy("the short name of a product"),
        "identity_number": gettext_lazy("an identity number in the 18 signs of GB 11643 or GB 32100"),
        "phone": gettext_lazy("a telephone number as E.164 writes it"),
    },
    "utc_offset": dict(ZONES),
    "other": OTHER_WORDS,
    "unread": OTHER_WORDS,
    "beyond": {
        "refuse": OTHER_WORDS["refuse"],
        "missing": OTHER_WORDS["missing"],
        "cap": gettext_lazy("is taken as the limit"),
    },
    "derive": MADE_WORDS,
    "compute": COMPUTED_WORDS,
}


def step_words(step: Step) -> str:
    words = GIVEN_WORDS.get(step.name, {}).get(step.given)
    return str(STEPS[step.name]) % {"given": step.given if words is None else str(words)}


def steps_of_case(name: str, reading: Reading, findings: Sequence[Mapping[str, Any]]) -> Sequence[Step]:
    """The steps of a value of this case: zeros that were put back before it was read, and of whom the number of another
    document, which was not read by the standard of identity numbers."""
    put_back = {each["params"]["column"] for each in findings if each["code"] == ZEROS_PUT_BACK}
    steps = [Step(ZEROS_PUT_BACK)] * (not put_back.isdisjoint(reading.columns)) + [*reading.steps]
    named = next((each["params"]["document"] for each in findings if each["code"] == MARK), "")
    if not named or name not in OF_WHOM:
        return steps
    return [Step(MARK, named) if step == _CHECKED else step for step in steps]


def joined_words(source: str, row: ReferenceRow | None) -> str:
    """The row of another source that the value was taken from."""
    if row is None:
        return _("joined: %(source)s had no row from before the application") % {"source": source}
    told = {"source": source, "file": row.batch.name, "row": number(row.row_number), "at": _true_as_of(row.as_of)}
    if row.batch.kind not in NUMBERED:
        told |= {"system": row.batch.name, "message": row.message, "n": number(row.version)}
        if row.message:
            return _("joined: %(source)s, message “%(message)s” of %(system)s (version %(n)s), as of %(at)s") % told
        return _("joined: %(source)s, message of %(system)s (version %(n)s), as of %(at)s") % told
    return _("joined: %(source)s, file %(file)s, row %(row)s, as of %(at)s") % told


def _true_as_of(known: datetime) -> str:
    """The moment, or the day alone of a row that named no more: 23:59 was said by nobody."""
    return day(known) if is_whole_day(known.astimezone(OFFICE)) else when(known)
