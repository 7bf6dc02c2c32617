"""The page that tells where each fact of a case comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from cases.accounts import create_token
from cases.models import Case, Reveal, User
from cases.move import Move, move_cases
from cases.revealing import reveal_applicant
from desk.build.lineage import lineage_page
from desk.build.mapping_words import COMPUTED_WORDS, MADE_WORDS
from desk.build.personal import MASKED
from intake.mapped.derive import COMPUTATIONS, DERIVATIONS
from intake.mending.mending import return_to_source, supply_data
from tests import make
from tests.api.calls import Caller, a_case
from tests.desk.conftest import SignsIn
from tests.desk.test_held import imported

Words = tuple[str, ...]
ROWS = "合同号,产品,贷款金额(万元),期限,年收入\n" + "".join(
    f"A-{number},consumer,{number + 1}.5,24,{60_000 if number else -1}\n" for number in range(30)
)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "file loans.csv, row 2",
                "recognised by itself, version 1",
                "times 10000",
                "read as number",
                "read as an amount of money",
            ),
        ),
        ("zh-hans", ("文件 loans.csv，第 2 行", "第 1 版", "乘以 10000", "按“数值”读取")),
    ],
)
def test_a_fact_of_a_file_leads_to_row_mapping_cleaning_and_who_mended_it(
    tmp_path: Path, reviewer: User, signs_in: SignsIn, language: str, words: tuple[str, ...]
) -> None:
    file = imported(tmp_path / "loans.csv", ROWS)
    case = Case.objects.get(external_ref="A-0")
    supply_data(
        case.pk, by=reviewer, values={"annual_income": 55_000}, reason="from the tax return", seen_version=case.version
    )
    page = signs_in(reviewer, language).get(f"/review/{case.ref}/lineage").content.decode()
    for each in (*words, file.sha256, "贷款金额(万元)", "→ 55,000", "from the tax return", reviewer.display_name):
        assert each in page, each


def test_facts_are_named_in_the_readers_language_and_given_money_is_not_called_missing(
    tmp_path: Path, reviewer: User, signs_in: SignsIn
) -> None:
    columns = "合同号,产品,贷款金额,期限,年收入,是否有房,人脸比对通过,职级,额外说明甲,暖通折价(万元)"
    imported(tmp_path / "named.csv", f"{columns}\nC-1,consumer,50000,24,-1,√,是,3,x,2\n")
    ref = Case.objects.get(external_ref="C-1").ref
    told = signs_in(reviewer, "zh-hans").get(f"/review/{ref}/lineage").content.decode()
    for words, english in (
        ("年收入", "annual income"),
        ("是否有房", "owns home"),
        ("额外说明甲", "col "),
        ("暖通折价", ">暖通折价(万元)</th>"),
    ):
        assert f">{words}<" in told, words
        assert english not in told, english
    # In yuan, while the model reads dollars: it was supplied, whatever the model makes of it.
    facts = signs_in(reviewer, "zh-hans").get(f"/held/{ref}").content.decode()
    amount = facts.split("贷款金额", 1)[1].split("</tr>", 1)[0]
    assert "50,000" in amount
    assert "模型无法使用" in amount
    assert "未提供" not in amount


def test_facts_that_no_table_describes_are_called_by_their_columns_and_shown_as_they_came(
    tmp_path: Path, reviewer: User, signs_in: SignsIn
) -> None:
    columns = "合同号,产品,贷款金额,期限,年收入,额外说明甲,暖通指数,额外使用率"
    imported(tmp_path / "named.csv", f"{columns}\nC-1,consumer,50000,24,-1,x,0.00435,87.125%\n")
    ref = Case.objects.get(external_ref="C-1").ref
    page = signs_in(reviewer, "zh-hans").get(f"/held/{ref}").content.decode()
    for words, value in (("额外说明甲", "x"), ("暖通指数", "0.00435"), ("额外使用率", "87.125%")):
        row = page.split(f">{words}<", 1)[1].split("</tr>", 1)[0]
        assert f">{value}<" in row, words


def test_what_a_file_says_besides_amount_and_features_is_told_with_its_columns(
    tmp_path: Path, reviewer: User, signs_in: SignsIn
) -> None:
    rows = "合同号,产品,贷款金额,期限,渠道,行业,地区,客户姓名\nB-1,consumer,5000,24,网点,F52,310000,张小敏\n"
    imported(tmp_path / "more.csv", rows)
    ref = Case.objects.get(external_ref="B-1").ref
    page = signs_in(reviewer).get(f"/review/{ref}/lineage").content.decode()
    for fact, column in (("channel", "渠道"), ("industry", "行业"), ("region", "地区"), ("applicant-name", "客户姓名")):
        row = page.split(f'id="fact-{fact}"', 1)[1].split("</tr>", 1)[0]
        assert column in row, fact


def test_whose_case_it_is_and_what_it_is_called_are_told_masked_whoever_gave_them(
    tmp_path: Path, reviewer: User, signs_in: SignsIn
) -> None:
    imported(tmp_path / "given.csv", "合同号,客户编号,产品,贷款金额\nB-1,CUST-20260011,consumer,5000\n")
    imported(tmp_path / "made.csv", "产品,贷款金额,用途甲\nconsumer,5000,x\n")
    given, made = Case.objects.select_related("applicant").order_by("pk")
    client = signs_in(reviewer)

    pages = [client.get(f"/review/{case.ref}/lineage").content.decode() for case in (given, made)]
    assert "B-1" in told(pages[0], "external_ref")
    assert "合同号" in told(pages[0], "external_ref")
    assert "CUS" in told(pages[0], "applicant-id")
    assert "CUST-20260011" not in told(pages[0], "applicant-id")
    assert made.external_ref in told(pages[1], "external_ref")
    assert "a hash of the row" in told(pages[1], "external_ref")
    assert made.applicant.external_id not in told(pages[1], "applicant-id")


def told(page: str, fact: str) -> str:
    """The row of a fact."""
    return page.split(f'id="fact-{fact}"', 1)[1].split("</tr>", 1)[0]


@pytest.mark.parametrize(
    ("language", "identity", "phone", "text"),
    [
        (
            "en",
            ("Identity number", "read as an identity number in the 18 signs of GB 11643 or GB 32100"),
            ("Telephone", "read as a telephone number as E.164 writes it"),
            "text, without blanks around it and signs that nobody sees",
        ),
        (
            "zh-hans",
            ("证件号码", "按“证件号码，统一为 GB 11643 或 GB 32100 的 18 位形式”读取"),
            ("电话", "按“电话号码，统一为 E.164 写法”读取"),
            "文本，去掉首尾空白和看不见的字符",
        ),
    ],
)
def test_numbers_of_an_applicant_are_told_masked_with_their_column_and_standard(
    tmp_path: Path, reviewer: User, signs_in: SignsIn, language: str, identity: Words, phone: Words, text: str
) -> None:
    head = "合同号,客户编号,产品,贷款金额,身份证号,手机,额外说明甲\n"
    imported(tmp_path / "a.csv", f"{head}B-1,K-1,consumer,5000,110105 19491231 002x,138 0013 8000,\u3000x \n")
    # Another number of the same applicant came with another case.
    imported(tmp_path / "b.csv", f"{head}B-2,K-1,consumer,6000,,13900139000,y\n")
    first, second = Case.objects.order_by("pk")
    client = signs_in(reviewer, language)
    page = client.get(f"/review/{first.ref}/lineage").content.decode()
    for fact, column, masked, words in (
        ("applicant-identity_number", "身份证号", "110***********002X", identity),
        ("applicant-phone", "手机", "+86138****8000", phone),
    ):
        for each in (column, masked, *words):
            assert f">{each}<" in told(page, fact), (fact, each)
    assert "19491231" not in page
    assert f">{text}<" in told(page, "external_ref")
    assert "+86139****9000" not in page
    page = client.get(f"/review/{second.ref}/lineage").content.decode()
    assert "+86139****9000" in told(page, "applicant-phone")
    assert "fact-applicant-identity_number" not in page


def test_numbers_are_told_open_to_whom_they_are_shown(supervisor: User, signs_in: SignsIn) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    ref = caller.post("/cases", a_case("A-1", applicant={"id": "A-1", "phone": "138 0013 8000"})).json()["ref"]
    reveal_applicant(Case.objects.get().pk, by=supervisor, why=Reveal.Why.CONTACT)
    page = signs_in(supervisor).get(f"/review/{ref}/lineage").content.decode()
    assert "+8613800138000" in told(page, "applicant-phone")


def test_of_a_message_texts_and_moments_are_told_as_they_are_read(reviewer: User, signs_in: SignsIn) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    case = a_case("A-\u200b1", applicant={"id": "A-1", "segment": "sme"}, features={"purpose": "car", "income": 5})
    ref = caller.post("/cases", case).json()["ref"]
    page = signs_in(reviewer).get(f"/review/{ref}/lineage").content.decode()
    for fact in ("external_ref", "applicant-id", "applicant-segment", "purpose"):
        assert "text, without signs that nobody sees" in told(page, fact), fact
    assert ">A-1<" in told(page, "external_ref")
    assert "read as date" in told(page, "applied_at")
    for fact in ("amount", "income", "currency"):
        assert "as it came" in told(page, fact), fact


def test_a_case_that_was_sent_again_tells_what_it_stands_on_now(
    tmp_path: Path, reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    head = "合同号,客户编号,产品,贷款金额(万元),期限,地区,年收入,申请日期,手机\n"
    imported(tmp_path / "a.csv", f"{head}B-1,K-1,consumer,5,24,310000,-1,2026-01-05,13800138000\n")
    case = Case.objects.get()
    return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    other = "合同号,客户编号,产品,贷款金额,贷款期限,地区,年收入,申请日期,手机\n"
    again = imported(
        tmp_path / "b.csv",
        f"{other}B-9,K-9,car,1,12,,50000,2026-01-06,\nB-1,K-1,car,60000,36,,50000,2026-01-06,13900139000\n",
    )
    assert (again.accepted, again.rejected) == (2, 0)
    event = case.events.get(name="resubmit")
    assert event.facts["row"] == 3
    assert event.facts["before"] == {
        "annual_income": -1, "product": "consumer", "region": "310000", "amount": 50_000, "term_months": 24,
        "applied_at": "2026-01-04T16:00:00+00:00",
    }  # fmt: skip
    assert event.facts["after"] == {
        "annual_income": 50_000, "product": "car", "region": "", "amount": 60_000, "term_months": 36,
        "applied_at": "2026-01-05T16:00:00+00:00",
    }  # fmt: skip
    with django_assert_max_num_queries(9):
        lineage_page(make.reread(case), MASKED, may_see_source=True)
    page = signs_in(reviewer).get(f"/review/{case.ref}/lineage").content.decode()
    assert "file a.csv, row 2" in page
    assert "file b.csv, row 3" in page
    assert again.sha256 in page
    assert ">贷款期限<" in told(page, "term_months")
    assert "24 → 36" in told(page, "term_months")
    assert "2026-01-05 00:00 → 2026-01-06 00:00" in told(page, "applied_at")
    assert "times 10000" not in told(page, "amount")
    assert "+86139****9000" in told(page, "applicant-phone")
    assert "+86138" not in page


def hold_again(case_id: int) -> None:
    """As a case is held whose source is quarantined meanwhile."""
    finding = {"feature": "source", "code": "source_quarantined", "params": {}, "severity": "hold"}
    with transaction.atomic():
        version = Case.objects.values_list("version", flat=True).get(pk=case_id)
        move_cases("hold", [Move(case_id, version, changes={"findings": [finding]})])


def test_pages_of_a_case_that_was_sent_again_name_the_row_its_facts_stand_in(
    tmp_path: Path, reviewer: User, signs_in: SignsIn
) -> None:
    head = "合同号,客户编号,产品,贷款金额,期限,年收入,申请日期\n"
    imported(tmp_path / "a.csv", f"{head}B-1,K-1,consumer,50000,24,-1,2026-01-05\n")
    case = Case.objects.get()
    supply_data(
        case.pk, by=reviewer, values={"annual_income": 120_000}, reason="by the tax bill", seen_version=case.version
    )
    hold_again(case.pk)
    case = make.reread(case)
    return_to_source(case.pk, by=reviewer, reason="the amount is wrong", seen_version=case.version)
    imported(
        tmp_path / "b.csv",
        f"{head}B-9,K-9,consumer,1,12,9000,2026-01-06\nB-1,K-1,consumer,52000,24,130000,2026-01-05\n",
    )
    client = signs_in(reviewer)
    page = client.get(f"/review/{case.ref}").content.decode()
    assert "file b.csv, row 3" in page
    assert "file a.csv" not in page
    assert "annual income: 120,000 → 130,000" in page
    assert "entered by" not in page, "that value was sent anew"
    printed = client.get(f"/review/{case.ref}/print").content.decode()
    assert "a.csv, 2" in printed
    assert "b.csv, 3" in printed


def test_all_that_is_made_up_or_computed_has_words() -> None:
    assert (MADE_WORDS.keys(), COMPUTED_WORDS.keys()) == (DERIVATIONS.keys(), COMPUTATIONS.keys())


def test_a_fact_of_a_message_leads_to_the_system_that_sent_it(supervisor: User, signs_in: SignsIn) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    ref = caller.post("/cases", a_case()).json()["ref"]
    client = signs_in(supervisor)
    page = client.get(f"/review/{ref}/lineage").content.decode()
    assert "message of los" in page
    assert ">True<" not in page
    assert 'href="/sources/branch-los"' in page
    facts = client.get(f"/review/{ref}").content.decode()
    assert f'href="/review/{ref}/lineage#fact-annual_income"' in facts
