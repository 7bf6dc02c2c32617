"""A product whose name has no Latin letter is called by it on every page, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from cases import products
from cases.models import Case, ProductName, User
from desk.words import PRODUCTS, word
from intake.admission.files import take_in_file
from intake.mapped.given import MADE_UP, product_named
from tests.desk.conftest import SignsIn
from tests.intake.silent import silent

HEADER = "借据编号,客户编号,产品名称,贷款金额(元),期限(月),申请日期\n"
OWN = product_named("装修贷")


@pytest.fixture
def book(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_names", {})
    rows = [f"JJ{n:03},K{n},{'装修贷' if n % 2 else '消费贷'},{10_000 + n},12,2026-01-05\n" for n in range(6)]
    path = tmp_path / "book.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    assert take_in_file(path, source="branch", mapping=None, by=None, bars=silent).accepted == 6


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_calls_it_as_its_lender_does(supervisor: User, signs_in: SignsIn, language: str) -> None:
    assert [*ProductName.objects.values_list("product", "name")] == [(OWN, "装修贷")]
    page = signs_in(supervisor, language).get("/cases").content.decode()
    assert (page.count("装修贷") >= 3, OWN in page, OWN.replace("-", " ") in page) == (True, False, False)
    case = Case.objects.filter(product=OWN).order_by("pk")[0]
    assert "装修贷" in signs_in(supervisor, language).get(f"/review/{case.ref}").content.decode()


@pytest.mark.django_db
def test_one_that_nobody_named_is_asked_for_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert products.MADE_UP == MADE_UP
    clock = [100.0]
    monkeypatch.setattr(products, "_names", {})
    monkeypatch.setattr(products, "monotonic", lambda: clock[0])
    assert word(PRODUCTS, OWN) == OWN.replace("-", " ")
    ProductName.objects.create(product=OWN, name="装修贷")
    clock[0] += 59
    assert word(PRODUCTS, OWN) == OWN.replace("-", " ")
    clock[0] += 1
    with translation.override("en"):
        assert word(PRODUCTS, OWN) == "装修贷"
