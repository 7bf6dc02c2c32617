"""The page that tells where each fact of a case comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.accounts import create_token
from cases.models import Case, User
from desk.build.mapping_words import COMPUTED_WORDS, MADE_WORDS
from intake.derive import COMPUTATIONS, DERIVATIONS
from intake.mending import supply_data
from tests.api.calls import Caller, a_case
from tests.desk.conftest import SignsIn
from tests.desk.test_held import imported

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

    def told(case: Case, fact: str) -> str:
        page = client.get(f"/review/{case.ref}/lineage").content.decode()
        return page.split(f'id="fact-{fact}"', 1)[1].split("</tr>", 1)[0]

    assert "B-1" in told(given, "external_ref")
    assert "合同号" in told(given, "external_ref")
    assert "CUS" in told(given, "applicant-id")
    assert "CUST-20260011" not in told(given, "applicant-id")
    assert made.external_ref in told(made, "external_ref")
    assert "a hash of the row" in told(made, "external_ref")
    assert made.applicant.external_id not in told(made, "applicant-id")


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
