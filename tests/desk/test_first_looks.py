"""The page on which somebody looks at how the columns of a source are read, and what its buttons do."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case, User
from intake.models import Batch, IncomingFile, ReadingLook
from intake.ways_in.incoming import take_in_waiting
from tests import mapped
from tests.desk.conftest import SignsIn

TABLE = "合同号,客户号,贷款金额(万元),期限(月),申请日期,月收入,联系人电话\n"
ROWS = "L-1,C-1,12.5,24,2026-01-05,8000,13800138000\nL-2,C-2,3,36,2026-01-06,9000,13800138001\n"


@pytest.fixture
def folder(db: None, tmp_path: Path, settings: Any) -> Path:
    """The watched folder."""
    settings.INCOMING = tmp_path / "incoming"
    return tmp_path / "incoming"


def come(folder: Path, text: str) -> None:
    """A file of a new source comes in through the watched folder."""
    path = folder / "branch" / "loans.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - 90,) * 2)
    assert take_in_waiting() == 1


@pytest.fixture
def waits(folder: Path) -> Path:
    """A file of a new source that came in through the watched folder; where it is set aside."""
    come(folder, TABLE + ROWS)
    return folder / ".done" / "branch"


def states() -> list[str]:
    return list(Case.objects.order_by("external_ref").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("How the columns are read", "ten thousands (万), × 10,000", "Cases that wait: 2", "left out: personal"),
        ),
        ("zh-hans", ("列的识别方式", "万，× 10,000", "等待的案件：2", "不使用：")),
    ],
)
def test_the_page_shows_each_value_with_its_column_unit_and_first_rows(
    waits: Path, supervisor: User, signs_in: SignsIn, language: str, words: tuple[str, ...]
) -> None:
    page = signs_in(supervisor, language).get("/sources/branch/readings").content.decode()
    for each in (*words, "贷款金额(万元)", "125,000.00", "12.5", "CNY", "2026-01-05 00:00"):
        assert each in page
    # Who it is need not be known to compare a column with its values.
    assert "13800138000" not in page
    assert 'action="/sources/branch/readings/1/confirm"' in page
    # Nothing is signed, by which it could be read again.
    assert "/readings/1/again" not in page


@pytest.mark.parametrize("path", ["/sources", "/sources/branch", "/imports"])
def test_what_waits_is_said_where_the_source_and_its_file_stand(
    waits: Path, admin: User, signs_in: SignsIn, path: str
) -> None:
    client = signs_in(admin)
    link = 'href="/sources/branch/readings"'
    assert link in client.get(path).content.decode()
    assert client.post("/sources/branch/readings/1/confirm", {"note": ""})["Location"] == "/sources/branch"
    assert link not in client.get(path).content.decode()


def test_whoever_has_looked_lets_the_cases_go_on(waits: Path, supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor)
    assert states() == ["needs_data", "needs_data"]
    case = Case.objects.get(external_ref="L-1")
    held = client.get(f"/held/{case.ref}").content.decode()
    assert "nobody has looked at that yet" in held
    assert "Nobody has looked at how its columns are read" in held
    assert f'action="/held/{case.ref}/supply"' not in held
    refused = client.post("/sources/branch/readings/1/confirm", {"note": "x" * 4_001})
    assert (refused.status_code, states()) == (422, ["needs_data", "needs_data"])
    assert "Keep the note to 4,000 characters or fewer." in refused.content.decode()
    client.post("/sources/branch/readings/1/confirm", {"note": "as on the form"})
    assert states() == ["received", "received"]
    page = client.get("/sources/branch").content.decode()
    assert "Looked at how its columns are read" in page
    assert "as on the form" in page
    assert "Nothing waits for a look" in client.get("/sources/branch/readings").content.decode()
    assert client.post("/sources/branch/readings/1/confirm", {"note": ""}).status_code == 409


def test_an_auditor_reads_the_page_and_a_reviewer_does_not(
    waits: Path, auditor: User, reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(auditor)
    page = client.get("/sources/branch/readings")
    assert (page.status_code, b"readings/1/confirm" in page.content) == (200, False)
    assert client.post("/sources/branch/readings/1/confirm").status_code == 403
    assert signs_in(reviewer).get("/sources/branch/readings").status_code == 403
    assert states() == ["needs_data", "needs_data"]
    assert client.get("/sources/nowhere/readings").status_code == 404


def test_a_wrong_reading_is_put_right_by_a_mapping_and_the_kept_file(
    waits: Path, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    assert client.post("/sources/branch/readings/1/again")["Location"] == "/imports"
    assert IncomingFile.objects.get().done_at is not None
    content = {
        "fields": {
            "external_ref": {"column": "合同号"},
            "product": {"constant": "equipment"},
            "amount": {"column": "贷款金额(万元)", "scale": "1000"},
            "currency": {"constant": "CNY"},
            "term_months": {"column": "期限(月)"},
            "applied_at": {"column": "申请日期"},
            "applicant.id": {"column": "客户号"},
        }
    }
    mapped.signed("branch", content, by=admin, second=supervisor)
    page = client.get("/sources/branch/readings").content.decode()
    assert "Read the files again by version 1 of the mapping" in page
    client.post("/sources/branch/readings/1/again")
    incoming = IncomingFile.objects.get()
    assert (incoming.done_at, incoming.batch, list(waits.iterdir())) == (None, None, [])
    os.utime(waits.parents[1] / "branch" / "loans.csv", (time.time() - 90,) * 2)
    assert take_in_waiting() == 1
    amounts = dict(Case.objects.values_list("external_ref", "amount"))
    assert ({ref: int(amount) for ref, amount in amounts.items()}, states()) == (
        {"L-1": 12_500, "L-2": 3_000},
        ["received", "received"],
    )
    assert list(Batch.objects.order_by("pk").values_list("accepted", "rejected")) == [(2, 0), (2, 0)]
    # Nothing waits for that look any more.
    assert "Nothing waits for a look" in client.get("/sources/branch/readings").content.decode()
    assert 'href="/sources/branch/readings"' not in client.get("/sources").content.decode()
    assert ReadingLook.objects.get().looked_at is None


@pytest.mark.parametrize(
    ("language", "mark", "question", "refusal", "told"),
    [
        (
            "en",
            "no known name",
            "Columns without a known name: 2.",
            "Say of the columns without a known name",
            "known when the loan was asked for: 评委会票数 | 门店评价",
        ),
        (
            "zh-hans",
            "名称不常见",
            "名称不常见的列：2 个。",
            "请确认名称不常见的列",
            "申请时即已知的列：评委会票数 | 门店评价",
        ),
    ],
)
def test_columns_without_a_known_name_are_answered_for(
    folder: Path, supervisor: User, signs_in: SignsIn, language: str, mark: str, question: str, refusal: str, told: str
) -> None:
    come(
        folder,
        "合同号,客户号,评委会票数,贷款金额(万元),期限(月),申请日期,月收入,门店评价\n"
        "L-1,C-1,5,12.5,24,2026-01-05,8000,优\nL-2,C-2,4,3,36,2026-01-06,9000,良\n",
    )
    client = signs_in(supervisor, language)
    page = client.get("/sources/branch/readings").content.decode()
    assert (page.count(f'<span class="tag tag-warn">{mark}</span>'), question in page) == (2, True)
    refused = client.post("/sources/branch/readings/1/confirm", {"note": "as on the form"})
    assert (refused.status_code, states()) == (422, ["needs_data", "needs_data"])
    assert refusal in refused.content.decode()
    assert 'value="as on the form"' in refused.content.decode()
    client.post("/sources/branch/readings/1/confirm", {"note": "", "known_before": "on"})
    assert states() == ["received", "received"]
    assert told in client.get("/sources/branch").content.decode()


@pytest.mark.parametrize(
    ("language", "product", "names"),
    [
        ("en", "consumer", ["Interest rate", "门店评价", "credit score", "Annual income"]),
        ("zh-hans", "consumer", ["贷款年利率", "门店评价", "信用评分", "年收入"]),
        # No table and no rule describes its features.
        ("en", "house", ["interest rate", "门店评价", "credit score", "annual income"]),
        ("zh-hans", "house", ["利率", "门店评价", "信用评分", "年收入"]),
    ],
)
def test_features_are_called_as_their_cases_call_them(
    folder: Path, supervisor: User, signs_in: SignsIn, language: str, product: str, names: list[str]
) -> None:
    rows = [f"L-{n},C-{n},{n}2000,24,2026-01-0{n},{n}6000,{product},{n}.5,优,{n}00" for n in range(1, 6)]
    header = "合同号,客户号,贷款金额,期限(月),申请日期,年收入,产品,年利率(%),门店评价,credit_score"
    come(folder, "\n".join([header, *rows]))
    client = signs_in(supervisor, language)
    case = Case.objects.get(external_ref="L-1")
    assert case.product == product
    for path in ("/sources/branch/readings", f"/review/{case.ref}/lineage"):
        heads = re.findall(r'<th scope="row">([^<]*)</th>', client.get(path).content.decode())
        assert sorted(heads[-4:]) == sorted(names), path
