"""What a lender submits, validated: one loan case as data, or a named reason for every field that is wrong.

The shape is the body of `POST /cases`; tables arrive at the same door after their mapping was applied. Nothing here
touches a database, so the API, the importer and the tests share one judgement.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from intake.mapped.fields import DEFAULTS, TOP_FIELDS, Applicant, FeatureValue, FieldReader, Kind, shown
from intake.mapped.given import product_slug
from intake.values.cells import by_digits_that_tell
from intake.wording.field_errors import FieldError

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

__all__ = ["Applicant", "FeatureValue", "FieldError", "Kind", "Submission", "read_submission"]


@dataclass(frozen=True)
class Submission:
    """One valid case as submitted. `derived` names what the lender did not supply; see `content_hash` below.

    `content_hash` is the sha256 (hex) of the canonical JSON of what was given: derived and joined fields, and values
    equal to a field's default, are left out, numbers and instants are brought to one form: 0.3 and the
    0.30000000000000004 that a spreadsheet keeps of it are one. The same row therefore has the same hash on every
    arrival, and a field that is added to the shape later changes no old hash. `earlier_hashes` are those of the same
    row from when joined fields counted, all digits did, days were midnights or texts, what is computed followed from
    the cells as they stand and products were spelt otherwise, where they differ. `days` are the features that are days,
    and `ways`, kept where there are such, what was hashed.
    """

    source: str
    external_ref: str
    kind: Kind
    product: str
    industry: str
    region: str
    channel: str
    amount: Decimal
    currency: str
    term_months: int
    applied_at: datetime
    applicant: Applicant
    features: dict[str, FeatureValue]
    derived: tuple[str, ...]
    content_hash: str
    earlier_hashes: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    ways: tuple[Mapping[str, object], ...] = field(default=(), compare=False, repr=False)

    def hash_under(self, external_ref: str) -> str:
        """The content hash that it would have under another reference."""
        return _hash(_given(replace(self, external_ref=external_ref), self.joined, self.features))

    def hash_with(self, features: Mapping[str, object]) -> str:
        """The content hash that it would have with these features told otherwise; None is not told."""
        return _hash(_with_features(_given(self, self.joined, self.features), features, self.joined))

    @property
    def hashes(self) -> set[str]:
        """By which of a case on record it is the same content."""
        return {self.content_hash, *self.earlier_hashes}

    def is_with(self, features: Mapping[str, str], content_hash: str) -> bool:
        """Whether it is the content of this hash where these features are told otherwise."""
        told = {f"features.{name}": value for name, value in features.items()}
        return any(_hash({**way, **told}) == content_hash for way in self.ways)


def read_submission(
    raw: object,
    *,
    now: datetime,
    derived: Collection[str] = (),
    joined: Collection[str] = (),
    once: Mapping[str, object] | None = None,
    exported: Mapping[str, object] | None = None,
    days: Collection[str] = (),
    computed_once: Mapping[str, object] | None = None,
    noisy_once: Mapping[str, object] | None = None,
) -> Submission | list[FieldError]:
    """Validate one case in the shape of `POST /cases`; the list names every bad field, not only the first.

    `derived` are dotted names ("applied_at", "applicant.name", "features.x") of values that were not supplied by the
    lender: they are recorded on the result and do not count for its content hash. Neither do those that are `joined`:
    what another source has sent meanwhile makes the same row no other one. `once` are features as they were told once,
    when rows had other hashes, `exported` those that a text file may have told so, `days` those that are days or
    moments, `computed_once` those that were computed from cells as they stand, `noisy_once` those that were computed
    with the noise of binary fractions. `now` must be aware.
    """
    if not isinstance(raw, Mapping):
        return [FieldError("", shown(raw), "not_an_object")]
    reader = FieldReader(raw)
    reader.refuse_unknown(raw, TOP_FIELDS, "")
    amount = reader.amount()
    currency = reader.currency()
    term_months = reader.term_months()
    applied_at = reader.moment("applied_at", now)
    features = reader.features()
    texts = {name: reader.text(name) for name in ("external_ref", "industry", "region", "channel")}
    source, named = reader.slug("source"), reader.slug("product")
    # Capitals make no other product, or they would lead around its rules.
    product = named.lower()
    kind = reader.kind()
    applicant = reader.applicant()
    if reader.errors or amount is None or term_months is None or applied_at is None or applicant is None:
        return reader.errors
    digits_that_tell = _by_digits_that_tell(features)
    submission = Submission(
        source=source,
        external_ref=texts["external_ref"],
        kind=kind,
        product=product,
        industry=texts["industry"],
        region=texts["region"],
        channel=texts["channel"],
        amount=amount,
        currency=currency,
        term_months=term_months,
        applied_at=applied_at,
        applicant=applicant,
        # A rule on 4.35 asks of what everybody sees, and not of 4.3500000000000005.
        features=digits_that_tell,
        derived=tuple(sorted(derived)),
        content_hash="",
        joined=tuple(joined),
    )
    given = _given(submission, joined, digits_that_tell)
    ways = [given]
    if joined:
        ways.append(_given(submission, (), digits_that_tell))
    if digits_that_tell != features:
        ways += [_given(submission, without, features) for without in ([joined, ()] if joined else [joined])]
    if once:
        told = [{f"features.{name}": value for name, value in each.items()} for each in (once, exported) if each]
        ways += [way | {key: value for key, value in each.items() if key in way} for each in told for way in ways]
    for computed in (computed_once, noisy_once, _by_digits_that_tell(noisy_once or {})):
        if computed:
            ways += [_with_features(way, computed, joined) for way in ways]
    # Once capitals counted, and files told no underscores.
    for spelling in {named, product_slug(named)} - {product}:
        ways += [{**way, "product": spelling} for way in ways if "product" in way]
    content_hash, *earlier = dict.fromkeys(map(_hash, ways)) if len(ways) > 1 else [_hash(given)]
    kept = tuple(ways) if days else ()
    return replace(submission, content_hash=content_hash, earlier_hashes=tuple(earlier), days=tuple(days), ways=kept)


def _by_digits_that_tell(features: Mapping[str, Any]) -> dict[str, Any]:
    return {name: by_digits_that_tell(value) for name, value in features.items()}


def _canonical_fields(case: Submission) -> dict[str, object]:
    """The fields of a case in one canonical form, by dotted name, whether they were given or not."""
    return {
        "source": case.source,
        "external_ref": case.external_ref,
        "kind": case.kind,
        "product": case.product,
        "industry": case.industry,
        "region": case.region,
        "channel": case.channel,
        "amount": f"{case.amount:.2f}",
        "currency": case.currency,
        "term_months": case.term_months,
        "applied_at": case.applied_at.astimezone(UTC).isoformat(),
        "applicant.id": case.applicant.external_id,
        "applicant.name": case.applicant.name,
        "applicant.segment": case.applicant.segment,
        "applicant.key_customer": case.applicant.key_customer,
        "applicant.identity_number": case.applicant.identity_number,
        "applicant.phone": case.applicant.phone,
    }


def _given(case: Submission, joined: Collection[str], features: Mapping[str, FeatureValue]) -> dict[str, object]:
    """What was given, in one form; `features` with the digits of fractions that tell, or with all of them as once."""
    derived = frozenset(case.derived).union(joined)
    given = {
        name: value
        for name, value in _canonical_fields(case).items()
        if name not in derived and DEFAULTS.get(name) != value
    }
    for name, value in features.items():
        key = f"features.{name}"
        if key not in derived and value is not None:
            given[key] = _whole(value)
    return given


def _with_features(
    given: Mapping[str, object], others: Mapping[str, object], joined: Collection[str]
) -> dict[str, object]:
    """What was given, with `others` in the place of its features of these names; None is not told, nor is what is
    joined."""
    told = {f"features.{name}": value for name, value in others.items() if f"features.{name}" not in joined}
    kept = {key: value for key, value in given.items() if key not in told}
    return kept | {key: _whole(value) for key, value in told.items() if value is not None}


def _whole(value: object) -> object:
    """0.9999999999999999 is 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _hash(given: Mapping[str, object]) -> str:
    return hashlib.sha256(_CANONICAL.encode(given).encode()).hexdigest()
