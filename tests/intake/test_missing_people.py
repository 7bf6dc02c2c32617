"""A source that no longer tells who its applicants are, or how to reach them, is seen as one that lacks a figure is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case, User
from intake.models import Batch, Source
from tests.intake.places import MakeFile
from tests.intake.test_first_look import Arrive, arrive

__all__ = ["arrive"]

HEADER = (
    "external_ref,product,amount,currency,term_months,applied_at,applicant.id,applicant.name,applicant.phone,"
    "applicant.identity_number,annual_income"
)
SIGNS = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"


def identity_number(at: int) -> str:
    digits = f"11010519{60 + at % 40:02d}0{1 + at % 9}{10 + at % 19:02d}{at % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11]


def table(first: int, rows: int, *, without: str = "") -> str:
    lines = [HEADER]
    day = (timezone.now() - timedelta(days=2)).date().isoformat()
    for at in range(first, first + rows):
        told = {
            "applicant.name": SIGNS[at % 20] + SIGNS[(at // 20) % 20],
            "applicant.phone": f"138{at:08d}",
            "applicant.identity_number": identity_number(at),
        }
        told |= {without: ""} if without else {}
        loan = f"L-{at},consumer,{5_000 + at % 97 * 100},CNY,{12 + at % 3 * 12},{day},P-{at}"
        lines.append(",".join((loan, *told.values(), str(60_000 + at % 89 * 500))))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("applicant.phone", "Telephone"),
        ("applicant.identity_number", "Identity number"),
        ("applicant.name", "Applicant name"),
    ],
)
def test_a_column_of_people_that_is_empty_all_at_once_quarantines(
    arrive: Arrive, admin: User, client: Client, without: str, words: str
) -> None:
    arrive(table(0, 400), "first.csv")
    arrive(table(1_000, 120), "second.csv")
    assert Source.objects.get().state == "healthy"
    report = arrive(table(2_000, 120, without=without), "third.csv")
    assert (report.accepted, report.held) == (120, 120)
    assert Source.objects.get().state == "quarantined"
    (sign,) = Batch.objects.latest("pk").signs
    assert (sign["feature"], sign["what"], sign["value"], sign["usual"]) == (without, "missing", 1.0, 0.0)
    client.force_login(admin)
    assert words in client.get("/sources/branch", headers={"accept-language": "en"}).content.decode()


def test_what_is_kept_of_people_is_whether_they_are_told(arrive: Arrive, make_file: MakeFile) -> None:
    arrive(table(0, 400), "first.csv")
    source = Source.objects.get()
    kept = json.dumps([source.reference, *Batch.objects.values_list("profile", flat=True)], ensure_ascii=False)
    assert "applicant.phone" in kept
    for case in Case.objects.all()[:20]:
        assert case.applicant.name not in kept
    assert "13800000001" not in kept


def test_a_source_that_never_told_them_is_healthy(arrive: Arrive) -> None:
    arrive(table(0, 400, without="applicant.phone"), "first.csv")
    arrive(table(1_000, 120, without="applicant.phone"), "second.csv")
    assert (Source.objects.get().state, Batch.objects.latest("pk").signs) == ("healthy", [])
