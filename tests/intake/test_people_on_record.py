"""What a later case says of an applicant: nothing takes away what it does not tell, and nobody gets another's name."""

from __future__ import annotations

import pytest

from cases.accounts import create_token
from cases.models import Applicant, Case, User
from cases.states import State
from intake.gate.held import held_reasons
from intake.mending.mending import supply_data
from intake.models import ApplicantLink
from intake.people.linking import link_all
from intake.values.near_names import are_others
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in

WHOLE = {"id": "P-1", "name": "张三", "segment": "corporate", "key_customer": True}
ZHANG = "11010519491231002X"


@pytest.fixture
def ingest(db: None) -> Caller:
    return Caller(create_token("los", scopes=["ingest"]))


def said() -> tuple[str, str, bool]:
    applicant = Applicant.objects.get(external_id="P-1")
    return applicant.name, applicant.segment, applicant.key_customer


def send(ingest: Caller, ref: str, **applicant: object) -> Case:
    answer = ingest.post("/cases", a_case(ref, applicant={"id": "P-1", **applicant}))
    assert answer.status_code == 202, answer.content
    case: Case = Case.objects.get(external_ref=ref)
    return case


def test_a_message_that_names_the_applicant_alone_takes_nothing_away(ingest: Caller) -> None:
    send(ingest, "R-1", **WHOLE)
    send(ingest, "R-2")
    assert said() == ("张三", "corporate", True)
    send(ingest, "R-3", segment="sme", name="")
    assert said() == ("张三", "sme", True)
    # Who says that they are none any more is believed.
    send(ingest, "R-4", key_customer=False)
    assert said() == ("张三", "sme", False)


def test_a_file_without_these_columns_takes_nothing_away(ingest: Caller, make_file: MakeFile) -> None:
    send(ingest, "R-1", **WHOLE)
    source = Case.objects.get().source
    header = "external_ref,product,amount,currency,term_months,applied_at,applicant.id,annual_income"
    rows = "".join(f"F-{n},consumer,5000,CNY,12,2026-01-05,P-{n},90000\n" for n in range(3))
    report = take_in(make_file("f.csv", f"{header}\n{rows}"), source=source)
    assert (report.accepted, said()) == (3, ("张三", "corporate", True))
    assert Applicant.objects.get(external_id="P-2").segment == "retail"


def test_in_one_batch_the_newest_that_is_told_counts(ingest: Caller) -> None:
    told = [WHOLE, {"id": "P-1"}, {"id": "P-1", "segment": "sme"}]
    cases = [a_case(f"B-{at}", applicant=each) for at, each in enumerate(told)]
    assert ingest.post("/cases/batch", cases).status_code == 200
    assert said() == ("张三", "sme", True)


def test_the_name_of_somebody_else_under_one_number_waits_for_a_person(ingest: Caller, reviewer: User) -> None:
    first = send(ingest, "R-1", **WHOLE)
    other = send(ingest, "R-2", name="欧阳华")
    first.refresh_from_db()
    assert (first.state, other.state) == (State.RECEIVED, State.NEEDS_DATA)
    assert [(finding["code"], finding["feature"]) for finding in other.findings] == [("named_otherwise", "applicant")]
    assert said() == ("张三", "corporate", True)
    assert [(each.code, each.cases) for each in held_reasons()] == [("named_otherwise", 1)]
    supply_data(other.pk, by=reviewer, values={}, reason="married, and took the name", seen_version=other.version)
    other.refresh_from_db()
    assert other.state == State.RECEIVED


def test_one_number_on_every_row_of_a_file_holds_all_but_the_first(db: None, make_file: MakeFile) -> None:
    names = ["王芳", "李伟", "张敏", "刘洋", "陈静"]
    header = "external_ref,product,amount,currency,term_months,applied_at,applicant.id,applicant.name,annual_income"
    rows = "".join(f"F-{at},consumer,5000,CNY,12,2026-01-05,{ZHANG},{name},90000\n" for at, name in enumerate(names))
    report = take_in(make_file("f.csv", f"{header}\n{rows}"))
    assert (report.accepted, report.held, report.rejected) == (5, 4, 0)
    assert Applicant.objects.get().name == "王芳"
    again = take_in(make_file("g.csv", f"{header}\n{rows}\n"))
    assert (again.accepted, again.duplicates, again.rejected) == (0, 5, 0)


def test_two_names_that_share_an_identity_number_are_linked_by_a_person_alone(ingest: Caller) -> None:
    for ref, name in (("A-1", "张三"), ("A-2", "欧阳华")):
        case = a_case(ref, applicant={"id": ref, "name": name, "identity_number": ZHANG})
        assert ingest.post("/cases", case).status_code == 202
    link_all()
    link = ApplicantLink.objects.get()
    assert (link.state, link.evidence) == ("doubtful", ["same_identity_number"])


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("张三", "欧阳华", True),
        ("王芳", "李伟", True),
        ("John Smith", "Mary Jones", True),
        ("张偉", "张伟", False),
        ("张伟", "张玮", False),
        ("张三", "张三丰", False),
        ("张三", "Zhang San", False),
        ("张三", "张*", False),
        ("张先生", "王女士", False),
        ("深圳某电子有限公司", "张三", False),
        ("John Smith", "J. Smith", False),
        ("John A Smith", "Smith, John", False),
        ("Mary Smith", "Mary Jones", False),
        ("", "张三", False),
    ],
)
def test_who_is_surely_somebody_else(one: str, other: str, is_other: bool) -> None:
    assert (are_others(one, other), are_others(other, one)) == (is_other, is_other)


def test_what_was_mended_and_is_then_told_so_is_known(ingest: Caller, reviewer: User, make_file: MakeFile) -> None:
    header = "external_ref,product,amount,currency,term_months,applied_at,applicant.id,annual_income,debts"
    row = "F-1,consumer,5000,CNY,12,2026-01-05,P-1,{},100"
    take_in(make_file("a.csv", f"{header}\n{row.format('')}\n"))
    case = Case.objects.get()
    assert case.state == State.NEEDS_DATA
    supply_data(case.pk, by=reviewer, values={"annual_income": 96_000}, reason="the tax return", seen_version=2)
    known = take_in(make_file("b.csv", f"{header}\n{row.format(96000)}\n"))
    assert (known.accepted, known.duplicates, known.rejected) == (0, 1, 0)
    for other in (row.format(97_000), row.format(96_000).replace(",100", ",200")):
        report = take_in(make_file("c.csv", f"{header}\n{other}\n"))
        assert (report.accepted, report.duplicates, report.rejected) == (0, 0, 1)
    case.refresh_from_db()
    assert (case.features["annual_income"], case.features["debts"], Case.objects.count()) == (96_000, 100, 1)
