"""The words of a mapping's table: fields, units, forms of dates, why a column is left out or is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.mapping_form import DROP, FEATURE, KEEP, KEPT, MAKES
from desk.pages.mappings import Choices, ColumnRow, Option, UnreadRow
from desk.pages.shared import StateMark
from desk.words import number
from intake.header_words.stated_zones import OPEN_ZONE
from intake.mapped.joined import JOINED_ON
from intake.mapped.mapping_file import DROP_REASONS, TYPES

FIELD_WORDS: Final[Mapping[str, Promise]] = {
    "external_ref": gettext_lazy("Loan reference"),
    "product": gettext_lazy("Product"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "term_months": gettext_lazy("Loan term"),
    "applied_at": gettext_lazy("Time of the application"),
    "applicant.id": gettext_lazy("Applicant number"),
    "applicant.name": gettext_lazy("Applicant name"),
    "applicant.segment": gettext_lazy("Customer segment"),
    "applicant.key_customer": gettext_lazy("Key customer"),
    "applicant.identity_number": gettext_lazy("Identity number"),
    "applicant.phone": gettext_lazy("Telephone"),
    "industry": gettext_lazy("Industry"),
    "region": gettext_lazy("Region"),
    "channel": gettext_lazy("Channel"),
    "kind": gettext_lazy("Kind of case"),
    "reference.key": gettext_lazy("Found by this key"),
    "reference.as_of": gettext_lazy("Known as of"),
    "row": gettext_lazy("the row as a whole"),
}
DROP_WORDS: Final[Mapping[str, Promise]] = {
    "not_used": gettext_lazy("not used"),
    "known_after_decision": gettext_lazy("known only after the decision"),
    "identifier": gettext_lazy("an identifier"),
    "duplicate": gettext_lazy("says what another column says"),
    "row_counter": gettext_lazy("a row number"),
    "personal": gettext_lazy("personal: telephone, address, account"),
    "other_currency": gettext_lazy("in another currency than the cases"),
    "other_reference": gettext_lazy("another number of the same loan: the surer one is its reference"),
}
TYPE_WORDS: Final[Mapping[str, Promise]] = {
    "number": gettext_lazy("number"),
    "integer": gettext_lazy("whole number"),
    "percent": gettext_lazy("percent"),
    "rate": gettext_lazy("percent, or a share below 1"),
    "text": gettext_lazy("text"),
    "flag": gettext_lazy("yes or no"),
    "date": gettext_lazy("date"),
    "identity_number": gettext_lazy("identity number or credit code"),
    "phone": gettext_lazy("telephone number"),
    "name": gettext_lazy("name of a person or firm"),
    "industry": gettext_lazy("industry by GB/T 4754"),
    "region": gettext_lazy("region by GB/T 2260"),
}
MADE_WORDS: Final[Mapping[str, Promise]] = {
    "applicant_reference": gettext_lazy("a number of ten digits"),
    "chinese_name": gettext_lazy("a name"),
    "share": gettext_lazy("yes for a stated share of rows"),
    "choice": gettext_lazy("one of some stated values"),
    "moment_in_period": gettext_lazy("a working hour of a stated period"),
    "moment_in_month": gettext_lazy("a working hour of the month"),
}
COMPUTED_WORDS: Final[Mapping[str, Promise]] = {
    "percent_of": gettext_lazy("the first column in percent of the second"),
    "ratio_of": gettext_lazy("the first column as a multiple of the second"),
    "difference_of": gettext_lazy("the first column less the second"),
    "years_between": gettext_lazy("whole years from the first date to the second"),
    "age_by_identity": gettext_lazy("age at that date by the identity number"),
    "region_by_identity": gettext_lazy("region by the identity number"),
    "grade_rank": gettext_lazy("rank of the pricing grade, A1 is 1"),
    "months_of_days": gettext_lazy("whole months of so many days"),
    "months_in_unit": gettext_lazy("months of a term whose unit the second column says"),
    "months_of_parts": gettext_lazy("months of so many years and further months"),
    "months_between": gettext_lazy("months from the first date to the second"),
    "moment_of": gettext_lazy("the day of the first column at the time in the second"),
}
SCALES: Final[tuple[tuple[str, Promise], ...]] = (
    ("", gettext_lazy("as it stands")),
    ("0.01", gettext_lazy("÷ 100")),
    ("12", gettext_lazy("years, × 12")),
    ("100", gettext_lazy("share, × 100")),
    ("1000", gettext_lazy("thousands, × 1,000")),
    ("10000", gettext_lazy("ten thousands (万), × 10,000")),
    ("1000000", gettext_lazy("millions, × 1,000,000")),
    ("100000000", gettext_lazy("hundred millions (亿), × 100,000,000")),
)
FORMATS: Final[tuple[tuple[str, Promise], ...]] = (
    ("", gettext_lazy("automatic")),
    ("%d/%m/%Y", gettext_lazy("day/month/year")),
    ("%m/%d/%Y", gettext_lazy("month/day/year")),
    ("%d-%m-%Y", gettext_lazy("day-month-year")),
    ("%m-%d-%Y", gettext_lazy("month-day-year")),
    ("%d/%m/%Y %H:%M", gettext_lazy("day/month/year hour:minute")),
    ("%m/%d/%Y %H:%M", gettext_lazy("month/day/year hour:minute")),
    ("unix", gettext_lazy("seconds since 1970, UTC")),
    ("unix_ms", gettext_lazy("milliseconds since 1970, UTC")),
)
_OFFSETS: Final = (
    "-08:00", "-07:00", "-06:00", "-05:00", "-04:00", "-03:00", "+00:00", "+01:00", "+02:00", "+03:00", "+04:00",
    "+05:30", "+06:00", "+07:00", "+08:00", "+09:00", "+10:00", "+12:00",
)  # fmt: skip
ZONES: Final[tuple[tuple[str, Promise | str], ...]] = (
    ("", gettext_lazy("zone of the table")),
    (OPEN_ZONE, gettext_lazy("zone not known: a time is not read")),
    *((offset, f"UTC{offset}") for offset in _OFFSETS),
)
MAKES_WORDS: Final[Mapping[str, Promise]] = {
    "cases": gettext_lazy("Its rows become cases"),
    "kept": gettext_lazy("Its rows are only kept, for other sources to join"),
    "both": gettext_lazy("Both: cases, and kept for other sources"),
}
OTHER_WORDS: Final[Mapping[str, Promise]] = {
    "keep": gettext_lazy("is read as it stands"),
    "refuse": gettext_lazy("refuses its row"),
    "missing": gettext_lazy("is not known"),
}
CONFIDENCE: Final[Mapping[str, tuple[str, Promise]]] = {
    "sure": ("approved", gettext_lazy("sure")),
    "likely": ("in_review", gettext_lazy("likely")),
    "guess": ("awaiting", gettext_lazy("a guess")),
}
FULL: Final = 0.9995
# What a person chooses or types in a row of the table.
TYPED_PARTS: Final = ("target", "name", "type", "scale", "format", "utc_offset", "decimal", "missing")


def name_words(name: str) -> str:
    """`Amount` for amount, `annual_income` for features.annual_income."""
    return str(FIELD_WORDS[name]) if name in FIELD_WORDS else name.removeprefix("features.")


def zone_words(stated: str) -> str:
    """UTC+07:00 for the offset +07:00, "" for none."""
    return str(dict(ZONES).get(stated, f"UTC{stated}")) if stated else ""


def choices(sources: tuple[Option, ...]) -> Choices:
    names = [name for name in FIELD_WORDS if name not in (*KEPT, "row")]
    return Choices(
        fields=tuple((name, str(FIELD_WORDS[name])) for name in names),
        kept=tuple((name, str(FIELD_WORDS[name])) for name in KEPT),
        drops=tuple(
            (f"{DROP}{reason}", str(DROP_WORDS[reason])) for reason in sorted(DROP_REASONS, key=_not_used_first)
        ),
        types=(("", _("as its field")), *((each, str(TYPE_WORDS[each])) for each in TYPES)),
        scales=tuple((value, str(words)) for value, words in SCALES),
        formats=tuple((value, str(words)) for value, words in FORMATS),
        zones=tuple((value, str(words)) for value, words in ZONES),
        decimals=(("", _("automatic")), (".", _("point: 1,234.5")), (",", _("comma: 1.234,5"))),
        makes=tuple((each, str(MAKES_WORDS[each])) for each in MAKES),
        on=tuple((each, str(FIELD_WORDS[each])) for each in JOINED_ON),
        sources=sources,
    )


def saved_column(row: ColumnRow, saved: ColumnRow, offered: Choices) -> str:
    """What is saved of a column where its row was typed otherwise, "" where it was not."""
    targets = (("", _("not decided")), (FEATURE, _("a feature")), (KEEP, _("as it is")))
    words = {
        "target": {**dict(targets), **dict((*offered.fields, *offered.kept, *offered.drops))},
        "type": dict(offered.types),
        "scale": dict(offered.scales),
        "format": dict(offered.formats),
        "utc_offset": dict(offered.zones),
        "decimal": dict(offered.decimals),
    }
    told = [(part, getattr(saved, part)) for part in TYPED_PARTS if getattr(saved, part) != getattr(row, part)]
    return " · ".join(words.get(part, {}).get(value, value) or _("nothing") for part, value in told)


def saved_field(row: UnreadRow, saved: UnreadRow) -> str:
    """As `saved_column`, of a field that no column gives."""
    if (row.how, row.value) == (saved.how, saved.value):
        return ""
    return " · ".join(each for each in (dict(saved.options).get(saved.how, saved.how), saved.value) if each)


def _not_used_first(reason: str) -> tuple[bool, str]:
    return reason != "not_used", reason


def confidence_mark(clue: Mapping[str, Any]) -> StateMark | None:
    if clue.get("confidence") not in CONFIDENCE:
        return None
    mark, words = CONFIDENCE[clue["confidence"]]
    return StateMark(mark, str(words))


def why_words(clue: Mapping[str, Any]) -> str:
    """Why a column is thought to be what it is, in a sentence."""
    how, detail = clue.get("how", ""), str(clue.get("detail", ""))
    told = {
        "own_history": _("An earlier mapping of this source read it so (%(mapping)s)."),
        "other_history": _("Another source reads a column of this name so (%(mapping)s)."),
        "name": _("Its header is a usual name for this."),
        "content": _("Its values say so, whatever the header is."),
        "header": _("No usual name: it is called after its header."),
        "dropped": _("Header or values say so."),
        "doubtful": _("Its header does not say of which time it is."),
    }.get(how, "")
    words = told % {"mapping": detail} if "history" in how else told
    share = clue.get("share", 1.0)
    if words and share < FULL:
        words += " " + _("%(share)s of its values are read.") % {"share": f"{number(share * 100)}%"}
    return words
