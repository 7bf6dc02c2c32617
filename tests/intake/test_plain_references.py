"""The number of a loan is the same in another width or case, with blanks in it or with the commas that group it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from cases.models import Case, User
from intake.gate.rule_sets import set_rules
from intake.mapped.left_out import plain_reference, reference_digest
from intake.mending.mending import return_to_source
from intake.models import CaseNumber
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import LEASES, counts, lease, mapping
from tests.intake.test_migrations import case_of
from tests.intake.test_reading_anew import references
from tests.migrated import migrate, tables_of_before

__all__ = ["arrive"]


def table(form: str, last: int) -> str:
    """Leases whose contracts are numbered in this form."""
    rows = (f'"{form.format(n)}"{lease(n).removeprefix(f"EQ-{n}")}\n' for n in range(1, last + 1))
    return f"{LEASES}\n" + "".join(rows)


@pytest.mark.parametrize(
    ("reference", "plain"),
    [
        ("LN-901A", "LN-901A"),
        ("ln-901a", "LN-901A"),
        ("ＬＮ－９０１Ａ", "LN-901A"),
        ("LN–901A", "LN-901A"),
        ("LN—901−A", "LN-901-A"),
        ("（2026）沪借字第 0001 号", "(2026)沪借字第0001号"),
        ("100,271", "100271"),
        ("1,100,271", "1100271"),
        ("0,271", "271"),
        ("00271", "271"),
        ("100,27", "100,27"),
        ("2026,0001", "2026,0001"),
        ("A100,271", "A100,271"),
        ("EQ-007", "EQ-007"),
    ],
)
def test_the_plain_form_of_a_reference(reference: str, plain: str) -> None:
    assert plain_reference(reference) == plain
    assert reference_digest("secret", reference) == reference_digest("secret", plain)


FORMS = [
    ("（2026）沪借字第{:04}号", "(2026)沪借字第{:04}号"),
    ("（2026）沪借字第{:04}号", "(2026)沪借字第 {:04} 号"),
    ("LN-{}A", "ln-{}a"),
    ("LN-{}A", "ＬＮ－{}Ａ"),
    ("LN-{}A", "LN–{}A"),
    ("1002{:02}", "100,2{:02}"),
]


@pytest.mark.parametrize("more", ["", "decided: approved\n"])
@pytest.mark.parametrize(("first", "then"), [*FORMS, *((then, first) for first, then in FORMS)])
def test_a_reference_that_is_written_in_another_way_is_the_same(
    arrive: Arrive, tmp_path: Path, first: str, then: str, more: str
) -> None:
    own = mapping(tmp_path, "Contract Number", more)
    assert counts(arrive(table(first, 8), "jan.csv", mapping=own)) == (8, 0, 0, 0)
    assert counts(arrive(table(then, 10), "feb.csv", mapping=own)) == (2, 8, 0, 0)
    assert set(references()) == {*(first.format(n) for n in range(1, 9)), then.format(9), then.format(10)}


def test_without_a_mapping_it_is_the_same_too(arrive: Arrive) -> None:
    assert counts(arrive(table("LN-{}A", 8), "jan.csv", unattended=False)) == (8, 0, 0, 0)
    assert counts(arrive(table("ln-{}a", 10), "feb.csv", unattended=False)) == (2, 8, 0, 0)


def test_one_with_other_content_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "Contract Number")
    arrive(table("LN-{}A", 2), "jan.csv", mapping=own)
    other = table("ln-{}a", 2).replace(",40001,", ",50001,")
    assert counts(arrive(other, "feb.csv", mapping=own)) == (1, 1, 0, 1)
    (finding,) = Case.objects.get(external_ref="ln-1a").findings
    assert (finding["code"], finding["params"]) == ("may_be_on_record", {"value": "LN-1A"})


def test_where_case_tells_references_apart_each_is_its_own(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "Contract Number")
    both = table("aB{}", 3) + table("AB{}", 3).removeprefix(f"{LEASES}\n").replace(",4000", ",7000")
    assert counts(arrive(both, "jan.csv", mapping=own)) == (6, 0, 0, 0)
    assert counts(arrive(both + "\n", "again.csv", mapping=own)) == (0, 6, 0, 0)
    changed = both.replace(",70002,", ",71002,")
    assert counts(arrive(changed, "feb.csv", mapping=own)) == (0, 5, 1, 0)
    assert Case.objects.get(external_ref="AB2").amount == 70_002


def test_what_was_returned_comes_back_into_its_own_case(
    arrive: Arrive, tmp_path: Path, admin: User, reviewer: User
) -> None:
    wanted = "features: {annual_income: {words: {en: Annual income, zh: 年收入}, required: true}}"
    set_rules("equipment", "", wanted, by=admin, reason="the branch has to look into it")
    own = mapping(tmp_path, "Contract Number")
    arrive(table("aB{}", 1) + table("AB{}", 1).removeprefix(f"{LEASES}\n").replace("40001", "70001"), mapping=own)
    for reference in ("aB1", "AB1"):
        case = Case.objects.get(external_ref=reference)
        return_to_source(case.pk, by=reviewer, reason="the branch has to look into it", seen_version=case.version)
    mended = table("AB{}", 1).replace("40001", "71001")
    assert counts(arrive(mended, "feb.csv", mapping=own)) == (1, 0, 0, 0)
    assert dict(Case.objects.values_list("external_ref", "amount")) == {"aB1": 40_001, "AB1": 71_001}


def test_only_what_is_not_in_its_plain_form_is_found_by_it(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "Contract Number")
    arrive(f"{LEASES}\n{lease(1)}\nln-2{lease(2).removeprefix('EQ-2')}\n", "jan.csv", mapping=own)
    found = CaseNumber.objects.filter(
        digest__in=[reference_digest(settings.SECRET_KEY, each) for each in ("EQ-1", "LN-2")]
    )
    assert list(found.values_list("case__external_ref", flat=True)) == ["ln-2"]


@pytest.fixture
def before(shared_db: None) -> Iterator[Any]:
    """The tables before cases were found by the plain form of a reference; afterwards as they are."""
    yield from tables_of_before([("intake", "0031_names_in_one_form")])


def test_the_cases_on_record_are_found_by_the_plain_form(before: Any) -> None:
    applicant = before.get_model("cases", "Applicant").objects.create(source="branch", external_id="P-1")
    keys = {}
    for reference in ("ln-7", "LN-8", "100,271", "R-0A1B2C3D4E5F6071", "（2026）1号", "沪借1", "LN–9"):
        with transaction.atomic():
            keys[reference] = case_of(before, reference, applicant).pk
    executor = MigrationExecutor(connection)
    migrate(executor, executor.loader.graph.leaf_nodes("intake"))
    apps = executor.loader.project_state(executor.loader.graph.leaf_nodes()).apps
    numbers = apps.get_model("intake", "CaseNumber").objects.values_list("case", "digest")
    assert set(numbers) == {
        (keys["ln-7"], reference_digest(settings.SECRET_KEY, "LN-7")),
        (keys["100,271"], reference_digest(settings.SECRET_KEY, "100271")),
        (keys["（2026）1号"], reference_digest(settings.SECRET_KEY, "(2026)1号")),
        (keys["LN–9"], reference_digest(settings.SECRET_KEY, "LN-9")),
    }
