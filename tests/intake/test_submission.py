"""A submitted case is either valid in full, or every wrong field of it is named."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from intake.mapped.given import product_named
from intake.mapped.submission import Submission, read_submission
from intake.wording.field_errors import FieldError
from intake.wording.sentences import SENTENCES
from tests.intake.places import NOW


def a_case(**changes: object) -> dict[str, Any]:
    case: dict[str, Any] = {
        "external_ref": "A-1001",
        "source": "branch-los",
        "kind": "application",
        "product": "consumer",
        "industry": "F52",
        "region": "310000",
        "channel": "branch",
        "amount": "120000.00",
        "currency": "CNY",
        "term_months": 24,
        "applied_at": "2026-01-05T09:30:00+08:00",
        "applicant": {"id": "310101", "name": "张三", "segment": "retail", "key_customer": False},
        "features": {"annual_income": 180000, "delinq_2yrs": 0, "purpose": "car", "x": None, "ok": True},
    }
    return {**case, **changes}


def valid(raw: object, **options: Any) -> Submission:
    result = read_submission(raw, now=NOW, **options)
    assert isinstance(result, Submission), result
    return result


def errors(raw: object) -> dict[str, str]:
    result = read_submission(raw, now=NOW)
    assert isinstance(result, list)
    return {error.field: error.code for error in result}


def test_the_documented_body_is_read_in_full() -> None:
    case = valid(a_case())
    assert case.amount == Decimal("120000.00")
    assert case.applied_at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    assert (case.kind, case.term_months, case.applicant.name) == ("application", 24, "张三")
    assert case.features == {"annual_income": 180000, "delinq_2yrs": 0, "purpose": "car", "x": None, "ok": True}
    assert case.derived == ()


@pytest.mark.parametrize("told", ["Consumer", "CONSUMER", "consumer"])
def test_a_product_is_one_whatever_its_capitals_and_known_by_those_it_had(told: str) -> None:
    case = valid(a_case(product=told))
    assert (case.product, case.content_hash) == ("consumer", valid(a_case()).content_hash)
    assert len(case.earlier_hashes) == (told != "consumer")


def test_a_product_is_read_by_api_as_in_a_file() -> None:
    for told, read in (("Credit_Card", "credit_card"), ("small-business", "small-business"), ("SME", "sme")):
        assert (product_named(told), valid(a_case(product=told)).product) == (read, read)
    assert product_named("Small Business") == "small-business"
    # What a file told once, without the underscore, is the same row.
    assert valid(a_case(product="credit-card")).content_hash in valid(a_case(product="credit_card")).hashes


def test_a_day_is_known_by_the_midnight_that_it_was_told_as_once() -> None:
    """So are those of before in which all digits counted, or what another source knew."""
    midnight, noisy = "1985-02-25T00:00:00+08:00", {"share": 0.30000000000000004}
    once = {"born": midnight, "met": midnight}
    now = valid(a_case(features={"born": "1985-02-25", **noisy}), once=once)
    then = valid(a_case(features={"born": midnight, **noisy}))
    assert now.content_hash == valid(a_case(features={"born": "1985-02-25", "share": 0.3})).content_hash
    assert now.content_hash not in then.hashes
    assert then.hashes < now.hashes
    assert len(now.hashes) == 4
    joined = valid(a_case(features={"born": "1985-02-25", "met": "1985-02-25"}), once=once, joined=["features.met"])
    before = valid(a_case(features={"born": midnight, "met": midnight}))
    assert before.content_hash in joined.hashes


def test_optional_fields_fall_back_to_their_defaults() -> None:
    raw = a_case(applicant={"id": "1"})
    for name in ("kind", "industry", "region", "channel", "features"):
        del raw[name]
    case = valid(raw)
    assert (case.kind, case.industry, case.region, case.channel, case.features) == ("application", "", "", "", {})
    assert (case.applicant.name, case.applicant.segment, case.applicant.key_customer) == ("", "retail", False)


def test_every_bad_field_is_named_not_only_the_first() -> None:
    found = errors(
        {
            "external_ref": "",
            "amount": "-5",
            "currency": "??",
            "term_months": "x",
            "applied_at": "yesterday",
            "bogus": 1,
        }
    )
    assert found == {
        "bogus": "unknown_field",
        "amount": "not_positive",
        "currency": "not_a_currency",
        "term_months": "not_an_integer",
        "applied_at": "not_a_date",
        "external_ref": "required",
        "source": "required",
        "product": "required",
        "applicant.id": "required",
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", "0", "not_positive"),
        ("amount", "1.005", "too_many_decimals"),
        ("amount", "12345678901234", "too_many_digits"),
        pytest.param("amount", 10**5000, "too_many_digits", id="amount-endless"),
        ("amount", float("nan"), "not_a_number"),
        ("amount", float("inf"), "not_a_number"),
        ("amount", True, "not_a_number"),
        ("amount", "１２", "not_a_number"),
        ("amount", "1e5", "not_a_number"),
        ("amount", [1], "not_a_number"),
        ("currency", "cny", "not_a_currency"),
        ("currency", ["CNY"], "not_a_currency"),
        ("term_months", 0, "out_of_range"),
        ("term_months", 601, "out_of_range"),
        ("term_months", 1.5, "not_an_integer"),
        ("term_months", True, "not_an_integer"),
        ("term_months", float("inf"), "not_an_integer"),
        ("applied_at", "2026-01-05T09:30:00", "no_time_zone"),
        ("applied_at", "2026-02-30T09:30:00Z", "not_a_date"),
        ("applied_at", "9999-12-31T23:59:59-14:00", "in_the_future"),
        ("applied_at", "0001-01-01T00:00:00+14:00", "too_early"),
        ("applied_at", 1767600000, "not_a_date"),
        ("external_ref", "x" * 101, "too_long"),
        ("external_ref", "a\x00b", "forbidden_character"),
        ("external_ref", "a\ud800b", "forbidden_character"),
        ("external_ref", 17, "not_text"),
        ("external_ref", "   ", "required"),
        ("source", "two words", "not_a_slug"),
        ("source", "x" * 51, "not_a_slug"),
        ("product", "消费贷", "not_a_slug"),
        ("product", "a\n", "not_a_slug"),
        ("kind", "loan", "not_a_choice"),
        ("kind", None, "not_a_choice"),
        ("region", "x" * 51, "too_long"),
        ("applicant", "Li", "not_an_object"),
        ("features", [1], "not_an_object"),
        ("features", {f"f{i}": i for i in range(301)}, "too_many_features"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_reason(field: str, value: object, code: str) -> None:
    assert errors(a_case(**{field: value})) == {field: code}


@pytest.mark.parametrize(
    ("feature", "value", "code"),
    [
        ("Income", 1, "bad_feature_name"),
        ("x" * 64, 1, "bad_feature_name"),
        ("x", float("nan"), "not_finite"),
        ("x", float("-inf"), "not_finite"),
        ("x", 2**53 + 1, "number_too_large"),
        ("x", "y" * 501, "too_long"),
        ("x", "a\x00", "forbidden_character"),
        ("x", {"a": 1}, "not_a_feature_value"),
    ],
)
def test_a_bad_feature_is_refused_by_name(feature: str, value: object, code: str) -> None:
    assert errors(a_case(features={feature: value})) == {f"features.{feature}": code}


def test_unknown_keys_of_the_applicant_are_refused() -> None:
    found = errors(a_case(applicant={"id": "x" * 65, "key_customer": "yes", "age": 3}))
    assert found == {
        "applicant.id": "too_long",
        "applicant.key_customer": "not_a_flag",
        "applicant.age": "unknown_field",
    }


@pytest.mark.parametrize("raw", [None, 1, "x", [], [1]])
def test_something_that_is_no_object_is_refused(raw: object) -> None:
    assert errors(raw) == {"": "not_an_object"}


def test_amounts_are_exact_whether_text_or_number() -> None:
    for given in ("120000", "120000.0", "120000.000", 120000, 120000.0, Decimal("120000.00")):
        assert valid(a_case(amount=given)).amount == Decimal("120000.00")
    assert valid(a_case(amount=0.29)).amount == Decimal("0.29")
    assert valid(a_case(amount="9999999999999.99")).amount == Decimal("9999999999999.99")


def test_one_day_ahead_is_a_clock_that_runs_fast_two_days_are_not() -> None:
    assert valid(a_case(applied_at=(NOW + timedelta(hours=23)).isoformat()))
    assert errors(a_case(applied_at=(NOW + timedelta(days=2)).isoformat())) == {"applied_at": "in_the_future"}


def test_the_content_hash_depends_on_what_was_given_not_on_how_it_was_written() -> None:
    known = valid(a_case()).content_hash
    same = a_case(amount=120000, applied_at="2026-01-05T01:30:00Z", term_months=24.0)
    same["features"] = {"purpose": "car", "ok": True, "delinq_2yrs": 0.0, "annual_income": 180000.0}
    del same["kind"]
    assert valid(same).content_hash == known
    assert len(known) == 64
    changes: list[dict[str, object]] = [
        {"amount": "1.00"},
        {"region": ""},
        {"features": {}},
        {"applicant": {"id": "1"}},
    ]
    for change in changes:
        assert valid(a_case(**change)).content_hash != known


@pytest.mark.parametrize(
    ("plain", "noisy"), [(1, 0.7 + 0.1 + 0.1 + 0.1), (0.3, 0.1 + 0.2), (3, 3.0000000000000004), (0, -0.0)]
)
def test_the_noise_of_binary_fractions_is_no_other_content(plain: float, noisy: float) -> None:
    known = valid(a_case(features={"x": plain}))
    again = valid(a_case(features={"x": noisy}))
    assert again.content_hash == known.content_hash
    # What was stored when all digits counted is known, too.
    assert len(again.earlier_hashes) == (noisy != plain)
    assert valid(a_case(features={"x": plain + 0.001})).content_hash != known.content_hash


def test_derived_fields_are_recorded_and_do_not_count_for_the_hash() -> None:
    derived = ("applied_at", "applicant.name", "features.x")
    first = valid(a_case(features={"x": 1}), derived=derived)
    later = a_case(
        applied_at="2026-02-05T09:30:00+08:00", features={"x": 2}, applicant={"id": "310101", "name": "李四"}
    )
    assert valid(later, derived=derived).content_hash == first.content_hash
    assert first.derived == ("applicant.name", "applied_at", "features.x")


def test_every_reason_is_said_in_both_languages_with_its_value() -> None:
    result = read_submission(a_case(amount="-5"), now=NOW)
    assert isinstance(result, list)
    assert result[0].as_dict() == {
        "field": "amount",
        "value": "-5",
        "code": "not_positive",
        "en": "“-5” is not above zero.",
        "zh": "“-5”不大于零。",
    }
    for english, chinese in SENTENCES.values():
        assert english.isascii() or "“" in english
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_a_reason_can_be_stored_and_is_cut_however_long_or_strange_the_value() -> None:
    as_dict = FieldError("x", "a\x00\ud800" + "y" * 5000, "too_long", {"length": "1", "limit": "2"}).as_dict()
    assert len(as_dict["value"]) == 200
    assert as_dict["value"].startswith("a␀�y")
    assert json.dumps(as_dict, ensure_ascii=False).encode()


def test_braces_in_a_value_are_not_taken_for_placeholders() -> None:
    assert FieldError("x", "{0} {field}", "not_a_number").sentence("en") == "“{0} {field}” is not a number."
