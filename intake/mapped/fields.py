"""The fields of a case, read one by one: limits, shapes and what is wrong with a value."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from cases.instants import storable_moment
from intake.standards import STANDARDS
from intake.values.cells import CellError, visible
from intake.values.currencies import KNOWN as CURRENCIES
from intake.wording.field_errors import FieldError
from intake.wording.sentences import storable

FeatureValue = int | float | str | bool | None
Kind = Literal["application", "monitoring"]

KINDS: tuple[Kind, ...] = ("application", "monitoring")
TOP_FIELDS = frozenset(
    {"source", "external_ref", "kind", "product", "industry", "region", "channel", "amount", "currency", "term_months"}
    | {"applied_at", "applicant", "features"}
)
APPLICANT_FIELDS = frozenset({"id", "name", "segment", "key_customer", "identity_number", "phone"})
DEFAULTS: dict[str, object] = {
    "kind": "application",
    "industry": "",
    "region": "",
    "channel": "",
    "applicant.name": "",
    "applicant.segment": "retail",
    "applicant.key_customer": False,
    "applicant.identity_number": "",
    "applicant.phone": "",
}
MAX_LENGTHS = {
    "external_ref": 100,
    "industry": 50,
    "region": 50,
    "channel": 50,
    "applicant.id": 64,
    "applicant.name": 200,
    "applicant.segment": 50,
}
MAX_FEATURES = 300
MAX_FEATURE_TEXT = 500
MAX_TERM_MONTHS = 600
MAX_AMOUNT_DIGITS = 13
EARLIEST = datetime(1950, 1, 1, tzinfo=UTC)

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_FEATURE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,40})?", re.ASCII)
_CENT = Decimal("0.01")
# Whole numbers beyond 2**53 lose digits in JSON readers and in models.
_LARGEST_WHOLE = 2**53


@dataclass(frozen=True)
class Applicant:
    """Who asks for the loan, as the lender names them; the numbers are in their standard form, "" where not given, and
    `told` are those of name, segment and key_customer that were."""

    external_id: str
    name: str
    segment: str
    key_customer: bool
    identity_number: str = ""
    phone: str = ""
    told: frozenset[str] = field(default=frozenset(), compare=False)


def is_slug(text: str) -> bool:
    """Whether `text` can name a source or a product."""
    return _SLUG.fullmatch(text) is not None


def shown(value: object) -> str:
    """How a value that was refused is shown: text as it is, nothing as empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print whole numbers of more than 4,300 digits.
        return str(value) if value.bit_length() < 600 else f"10^{int(value.bit_length() * 0.30103)}"
    try:
        return value if isinstance(value, str) else "" if value is None else str(value)
    except RecursionError:
        return "…"  # nested deeper than can be written out from where we stand


def _is_storable(text: str) -> bool:
    return storable(text) == text


# Of one table the same for every row. A name that is too long is not kept.
@lru_cache(maxsize=1_024)
def can_name_feature(name: str) -> bool:
    """Whether a case may hold a feature of that name."""
    return _FEATURE_NAME.fullmatch(name) is not None


class FieldReader:
    """Reads the fields of one raw case one by one and collects an error for each that is wrong."""

    def __init__(self, raw: Mapping[object, object]) -> None:
        self.raw: dict[str, object] = {str(key): value for key, value in raw.items()}
        self.errors: list[FieldError] = []

    def fail(self, name: str, value: object, code: str, **params: str) -> None:
        self.errors.append(FieldError(name, shown(value), code, params))

    def refuse_unknown(self, raw: Mapping[object, object], known: frozenset[str], prefix: str) -> None:
        for key, value in raw.items():
            if key not in known:
                self.fail(f"{prefix}{key}", value, "unknown_field")

    def text(self, name: str) -> str:
        """A text field; missing falls back to its default, or is an error where it has none."""
        value = self.raw.get(name)
        if isinstance(value, str):
            value = visible(value)
        if value is None or value == "":
            if name in DEFAULTS:
                return str(DEFAULTS[name])
            self.fail(name, value, "required")
        elif not isinstance(value, str):
            self.fail(name, value, "not_text")
        elif not value.strip() and name not in DEFAULTS:
            self.fail(name, value, "required")
        elif len(value) > MAX_LENGTHS[name]:
            self.fail(name, value, "too_long", length=str(len(value)), limit=str(MAX_LENGTHS[name]))
        elif not _is_storable(value):
            self.fail(name, value, "forbidden_character")
        else:
            return value
        return ""

    def slug(self, name: str) -> str:
        value = self.raw.get(name)
        if value is None or value == "":
            self.fail(name, value, "required")
        elif not isinstance(value, str) or not is_slug(value):
            self.fail(name, value, "not_a_slug")
        else:
            return value
        return ""

    def kind(self) -> Kind:
        value = self.raw.get("kind", DEFAULTS["kind"])
        for kind in KINDS:
            if value == kind:
                return kind
        self.fail("kind", value, "not_a_choice", choices=", ".join(KINDS))
        return "application"

    def amount(self) -> Decimal | None:
        value = self.raw.get("amount")
        if value is None or value == "":
            self.fail("amount", value, "required")
            return None
        number = _exact(value)
        if number is None:
            self.fail("amount", value, "not_a_number")
        elif number <= 0:
            self.fail("amount", value, "not_positive")
        elif number >= 10**MAX_AMOUNT_DIGITS:
            self.fail("amount", value, "too_many_digits")
        elif number != (rounded := number.quantize(_CENT)):
            self.fail("amount", value, "too_many_decimals")
        else:
            return rounded
        return None

    def currency(self) -> str:
        value = self.raw.get("currency")
        if value is None or value == "":
            self.fail("currency", value, "required")
        elif not isinstance(value, str) or value not in CURRENCIES:
            self.fail("currency", value, "not_a_currency")
        else:
            return value
        return ""

    def term_months(self) -> int | None:
        value = self.raw.get("term_months")
        if value is None or value == "":
            self.fail("term_months", value, "required")
        elif isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            self.fail("term_months", value, "not_an_integer")
        elif not 1 <= value <= MAX_TERM_MONTHS:
            self.fail("term_months", value, "out_of_range", minimum="1", maximum=str(MAX_TERM_MONTHS))
        else:
            return int(value)
        return None

    def moment(self, name: str, now: datetime) -> datetime | None:
        value = self.raw.get(name)
        if value is None or value == "":
            self.fail(name, value, "required")
            return None
        moment = _instant(value)
        if moment is None:
            self.fail(name, value, "not_a_date")
        elif moment.utcoffset() is None:
            self.fail(name, value, "no_time_zone")
        elif moment > now + timedelta(days=1):
            self.fail(name, value, "in_the_future")
        elif moment < EARLIEST:
            self.fail(name, value, "too_early")
        else:
            return moment
        return None

    def applicant(self) -> Applicant | None:
        value = self.raw.get("applicant")
        if value is None:
            self.fail("applicant.id", value, "required")
            return None
        if not isinstance(value, Mapping):
            self.fail("applicant", value, "not_an_object")
            return None
        self.refuse_unknown(value, APPLICANT_FIELDS, "applicant.")
        self.raw.update({f"applicant.{key}": item for key, item in value.items()})
        key_customer = self.raw.get("applicant.key_customer", False)
        if not isinstance(key_customer, bool):
            self.fail("applicant.key_customer", key_customer, "not_a_flag")
        identity, name, segment = (self.text(f"applicant.{key}") for key in ("id", "name", "segment"))
        number, phone = (self.standard(f"applicant.{key}", key) for key in ("identity_number", "phone"))
        told = frozenset(key for key in ("name", "segment", "key_customer") if value.get(key) not in (None, ""))
        return Applicant(identity, name, segment, key_customer is True, number, phone, told)

    def standard(self, name: str, kind: str) -> str:
        """A value of a public standard in its one form, "" where it is not given."""
        value = self.raw.get(name)
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            self.fail(name, value, "not_text")
            return ""
        try:
            return STANDARDS[kind](value)
        except CellError as wrong:
            self.fail(name, value, wrong.code, **wrong.params)
            return ""

    def features(self) -> dict[str, FeatureValue]:
        value = self.raw.get("features")
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fail("features", value, "not_an_object")
            return {}
        if len(value) > MAX_FEATURES:
            self.fail("features", "", "too_many_features", count=str(len(value)), limit=str(MAX_FEATURES))
            return {}
        return {str(name): self.feature(str(name), item) for name, item in value.items()}

    def feature(self, name: str, value: object) -> FeatureValue:
        if not can_name_feature(name):
            self.fail(f"features.{name}", name, "bad_feature_name")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if len(value) > MAX_FEATURE_TEXT:
                self.fail(f"features.{name}", value, "too_long", length=str(len(value)), limit=str(MAX_FEATURE_TEXT))
            elif not _is_storable(value):
                self.fail(f"features.{name}", value, "forbidden_character")
            return visible(value)
        if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
            self.fail(f"features.{name}", value, "number_too_large")
            return None
        if isinstance(value, (int, float)):
            if not math.isfinite(value):
                self.fail(f"features.{name}", value, "not_finite")
            return value
        self.fail(f"features.{name}", value, "not_a_feature_value")
        return None


def _exact(value: object) -> Decimal | None:
    """The exact decimal of a JSON number or plain decimal text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value) if value.bit_length() < 200 else Decimal(10) ** 60
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    return Decimal(value) if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value) else None


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return storable_moment(value)
    try:
        return storable_moment(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None
