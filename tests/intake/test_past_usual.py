"""What is usual under a mapping that people sign is told by the rows that came before, read as they are now."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.mapped.case_mapping import CaseMapping
from intake.models import Batch, FirstRows, Source, SourceMapping
from intake.recognition.mapping import mapping_as_data
from intake.record.on_record import past_mappings
from intake.signing.mapping_life import roll_back_mapping
from tests import mapped
from tests.intake.places import MakeFile
from tests.intake.silent import silent

HEADER = "external_ref,product,amount,term_months,currency,annual_income,credit_score,职级\n"
Change = Callable[[CaseMapping], CaseMapping]


def lines(count: int, *, first: int, product: str = "consumer", **given: str) -> str:
    """So many ordinary rows; a column that is `given` holds that in each of them, times so much where it is "*12"."""
    draw, rows = random.Random(first), [HEADER]
    for number in range(first, first + count):
        cells: dict[str, Any] = {
            "amount": round(draw.gauss(5_000, 1_000)),
            "term": 24,
            "currency": "USD",
            "income": round(draw.gauss(60_000, 9_000)),
            "score": round(draw.gauss(650, 50)),
            "grade": draw.choice("ABC"),
        }
        for name, value in given.items():
            cells[name] = cells[name] * int(value[1:]) if value.startswith("*") else value
        rows.append(",".join(map(str, [f"R-{number}", product, *cells.values()])) + "\n")
    return "".join(rows)


def take_in(path: Path) -> ImportReport:
    return take_in_file(path, source="branch", mapping=None, by=None, bars=silent)


def content_of(mapping: CaseMapping) -> dict[str, Any]:
    data = mapping_as_data(mapping)
    return {name: value for name, value in data.items() if name not in ("columns", "source", "version")}


def sign(change: Change, admin: User, supervisor: User) -> SourceMapping:
    (last, *_older) = past_mappings("branch")
    return mapped.signed("branch", content_of(change(last)), by=admin, second=supervisor)


def bad_features() -> set[str]:
    step = Source.objects.get().steps.get(name="quarantined")
    return {each["feature"] for each in step.facts["signs"] if each["grade"] == "bad"}


def in_tens(mapping: CaseMapping) -> CaseMapping:
    amount, income = mapping.fields["amount"], mapping.features["annual_income"]
    return replace(
        mapping,
        fields=mapping.fields | {"amount": replace(amount, scale=Decimal(10))},
        features=mapping.features | {"annual_income": replace(income, scale=Decimal(10))},
    )


def with_missing(mapping: CaseMapping) -> CaseMapping:
    income = mapping.features["annual_income"]
    return replace(mapping, features=mapping.features | {"annual_income": replace(income, missing=frozenset({"-999"}))})


def without_income(mapping: CaseMapping) -> CaseMapping:
    features = {name: given for name, given in mapping.features.items() if name != "annual_income"}
    return replace(mapping, features=features, drop=mapping.drop | {"annual_income": "not_used"})


def bare(text: str) -> str:
    return text.replace(",product,", ",").replace(",consumer,", ",")


def with_product(mapping: CaseMapping) -> CaseMapping:
    product = replace(mapping.fields["product"], how="constant", value="car-loan")
    return replace(mapping, fields=mapping.fields | {"product": product})


def unchanged(mapping: CaseMapping) -> CaseMapping:
    return mapping


@pytest.mark.parametrize("broken", [{"amount": "*100"}, {"income": ""}])
def test_units_that_are_set_leave_the_amount_and_the_income_watched(
    db: None, make_file: MakeFile, admin: User, supervisor: User, broken: dict[str, str]
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    sign(in_tens, admin, supervisor)
    usual = Source.objects.get().reference["consumer"]
    assert (usual["is_anew"], usual["usual"]["missing"]["annual_income"]) == (False, 0)
    assert min(usual["edges"]["amount"]) > 10_000
    assert take_in(make_file("1.csv", lines(150, first=1_000))).held == 0
    assert take_in(make_file("2.csv", lines(150, first=2_000, **broken))).held == 150
    assert bad_features() == {"amount" if "amount" in broken else "annual_income"}


def test_a_word_for_missing_leaves_the_income_watched(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    known = Source.objects.get().reference["consumer"]
    sign(with_missing, admin, supervisor)
    usual = Source.objects.get().reference["consumer"]
    assert usual["usual"]["counts"].keys() == known["usual"]["counts"].keys()
    assert usual["usual"]["rows_by"] == {"annual_income": 400}
    assert take_in(make_file("1.csv", lines(150, first=1_000))).held == 0
    assert take_in(make_file("2.csv", lines(150, first=2_000, income="*12"))).held == 150
    assert bad_features() == {"annual_income"}
    assert Source.objects.get().reference["consumer"] == usual


def test_what_was_known_before_a_column_was_dropped_is_known_after_a_roll_back(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    first = sign(unchanged, admin, supervisor)
    take_in(make_file("1.csv", lines(100, first=1_000)))
    sign(without_income, admin, supervisor)
    assert "annual_income" not in Source.objects.get().reference["consumer"]["usual"]["missing"]
    take_in(make_file("2.csv", lines(100, first=2_000)))
    roll_back_mapping("branch", first.number, by=supervisor, reason=mapped.REASON)
    usual = Source.objects.get().reference["consumer"]
    assert (usual["is_anew"], usual["usual"]["rows_by"]) == (False, {"annual_income": 600})
    assert take_in(make_file("3.csv", lines(100, first=3_000))).held == 0
    assert take_in(make_file("4.csv", lines(100, first=4_000, income=""))).held == 100
    assert bad_features() == {"annual_income"}


def test_a_product_that_is_called_otherwise_is_known_by_its_new_name(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", bare(lines(400, first=0))))
    known = Source.objects.get().reference["branch"]

    sign(with_product, admin, supervisor)
    assert Source.objects.get().reference == {"car-loan": {**known, "products": ["branch"]}}
    assert take_in(make_file("1.csv", bare(lines(150, first=1_000)))).held == 0
    broken = take_in(make_file("2.csv", bare(lines(150, first=2_000, score="0", income=""))))
    assert broken.held == 150
    assert bad_features() == {"annual_income", "credit_score"}


def test_a_product_read_from_a_column_is_told_by_the_rows_before(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))

    def coded(mapping: CaseMapping) -> CaseMapping:
        product = replace(mapping.fields["product"], values={"consumer": "car-loan"})
        return replace(mapping, fields=mapping.fields | {"product": product})

    sign(coded, admin, supervisor)
    assert Source.objects.get().reference["car-loan"]["usual"]["rows"] == 400
    assert take_in(make_file("1.csv", lines(150, first=1_000, score="0", income=""))).held == 150


def test_a_name_for_what_the_rest_as_features_reads_is_no_break(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))

    def with_rest(mapping: CaseMapping) -> CaseMapping:
        return replace(mapping, features={}, rest_as_features=True)

    sign(with_rest, admin, supervisor)
    take_in(make_file("1.csv", lines(100, first=1_000)))
    (was,) = (name for name in Source.objects.get().reference["consumer"]["usual"]["missing"] if "col_" in name)
    version = SourceMapping.objects.latest("pk")
    content = {**version.content, "features": {"job_grade": {"column": "职级"}}}
    mapped.signed("branch", content, by=admin, second=supervisor)
    missing = Source.objects.get().reference["consumer"]["usual"]["missing"]
    assert (was in missing, "job_grade" in missing) == (False, True)
    assert take_in(make_file("2.csv", lines(100, first=2_000))).held == 0
    assert take_in(make_file("3.csv", lines(100, first=3_000, grade="X"))).held == 100
    assert bad_features() == {"job_grade"}


def test_rows_that_broke_do_not_teach(db: None, make_file: MakeFile, admin: User, supervisor: User) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    assert take_in(make_file("1.csv", lines(200, first=1_000, income=""))).held == 200
    sign(with_missing, admin, supervisor)
    usual = Source.objects.get().reference["consumer"]["usual"]
    assert (usual["rows_by"], usual["missing"]["annual_income"]) == ({"annual_income": 400}, 0)


@pytest.mark.parametrize(("broken", "feature"), [({"income": "0"}, "annual_income"), ({"income": ""}, "annual_income")])
def test_where_no_rows_are_kept_a_feature_gets_the_checks_of_a_first_file(
    db: None, make_file: MakeFile, admin: User, supervisor: User, broken: dict[str, str], feature: str
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    FirstRows.objects.all().delete()
    sign(with_missing, admin, supervisor)
    assert Source.objects.get().reference["consumer"]["is_anew"] is True
    assert take_in(make_file("1.csv", lines(100, first=1_000))).held == 0
    assert take_in(make_file("2.csv", lines(100, first=2_000, **broken))).held == 100
    assert bad_features() == {feature}
    assert Batch.objects.count() == 3


@pytest.mark.parametrize("part", ["feature", "product"])
def test_a_first_sign_under_the_name_before_dates_the_break(
    db: None, make_file: MakeFile, admin: User, supervisor: User, part: str
) -> None:
    take_in(make_file("0.csv", bare(lines(400, first=0))))
    odd = bare(lines(385, first=1_000) + lines(15, first=2_000, grade="X").removeprefix(HEADER))
    assert take_in(make_file("1.csv", odd)).held == 0
    first = Batch.objects.latest("pk")
    assert {(each["what"], each["grade"]) for each in first.signs} == {("new_values", "watch")}

    def renamed(mapping: CaseMapping) -> CaseMapping:
        features = {"grade" if given.column == "职级" else name: given for name, given in mapping.features.items()}
        return replace(mapping, features=features)

    sign(renamed if part == "feature" else with_product, admin, supervisor)
    assert take_in(make_file("2.csv", bare(lines(100, first=3_000, grade="X")))).held == 100
    assert Source.objects.get().bad_since == first.started_at
