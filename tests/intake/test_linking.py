"""Applicants that are one are found as they arrive; the doubtful wait for a person, and what was said is kept."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.accounts import create_token
from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Applicant, Case, User
from cases.sealed import opened
from cases.states import Role
from desk.case_file import read_case_file
from intake.models import ApplicantLink, ApplicantNumber, ApplicantToLink, LinkStep, RuleSet, SamePerson
from intake.people.linking import has_to_link, link_all, link_waiting, same_people, settle_link
from tests import make
from tests.api.calls import Caller, a_case
from tests.together import together

ZHANG = "11010519491231002X"
REASON = "seen the passport"


@pytest.fixture
def ingest(db: None) -> Caller:
    return Caller(create_token("los", scopes=["ingest"]))


def arrives(ingest: Caller, ref: str, *, source: str = "branch-los", **applicant: object) -> int:
    answer = ingest.post("/cases", a_case(ref, source=source, applicant={"id": ref, "name": "张三", **applicant}))
    assert answer.status_code == 202, answer.content
    key: int = Case.objects.get(source=source, external_ref=ref).applicant_id
    return key


def states() -> list[tuple[str, list[str]]]:
    return [(link.state, link.evidence) for link in ApplicantLink.objects.order_by("pk")]


def test_the_same_number_in_two_sources_links_its_applicants(ingest: Caller) -> None:
    one = arrives(ingest, "A-1", identity_number="110105 19491231 002x")
    other = arrives(ingest, "B-1", source="crm", id=ZHANG, name="Zhang San")
    apart = arrives(ingest, "C-1")
    assert ApplicantToLink.objects.count() == 3
    assert (has_to_link(), link_all()) == (True, 3)
    assert (has_to_link(), link_all()) == (False, 0)
    assert states() == [("linked", ["same_identity_number"])]
    assert same_people(one) == same_people(other) == {one, other}
    assert same_people(apart) == {apart}
    (step,) = LinkStep.objects.all()
    assert (step.actor, step.state) == (None, "linked")


def test_a_customer_number_that_lost_its_zeros_is_asked_about_and_settles_as_one(
    ingest: Caller, supervisor: User
) -> None:
    one = arrives(ingest, "A-1", id="00009199")
    other = arrives(ingest, "A-2", id="9199")
    # Another source counts its customers for itself, and whoever is called otherwise is somebody else.
    arrives(ingest, "B-1", source="crm", id="9199", name="李四")
    arrives(ingest, "A-3", id="09199", name="王五")
    arrives(ingest, "A-4", id="91990")
    link_all()
    assert states() == [("doubtful", ["same_name", "customer_number_but_for_zeros"])]
    link = ApplicantLink.objects.get()
    assert (link.first_id, link.second_id) == (one, other)
    settle_link(link.pk, by=supervisor, same=True, reason=REASON, seen="doubtful")
    assert same_people(one) == {one, other}


def test_numbers_are_kept_encrypted_and_shown_masked(ingest: Caller) -> None:
    arrives(ingest, "A-1", identity_number=ZHANG, phone="138 0013 8000")
    phone, number = ApplicantNumber.objects.order_by("-kind")
    assert (number.masked, opened(number.sealed)) == ("110***********002X", ZHANG)
    assert (phone.masked, opened(phone.sealed)) == ("+86138****8000", "+8613800138000")
    assert ZHANG not in number.sealed
    arrives(ingest, "A-2", id="A-1", identity_number=ZHANG)
    assert ApplicantNumber.objects.count() == 2


def test_a_wrong_number_is_refused_by_name_and_nothing_is_kept(ingest: Caller) -> None:
    case = a_case("A-1", applicant={"id": "A-1", "identity_number": "110105194912310021", "phone": "12"})
    answer = ingest.post("/cases", case)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [
        ("applicant.identity_number", "wrong_check_digit"),
        ("applicant.phone", "not_a_phone"),
    ]
    assert (Case.objects.count(), ApplicantNumber.objects.count(), ApplicantToLink.objects.count()) == (0, 0, 0)


def a_doubt(ingest: Caller) -> ApplicantLink:
    arrives(ingest, "A-1", phone="13800138000")
    arrives(ingest, "B-1", source="crm", phone="+86 138 0013 8000")
    link_waiting()
    return ApplicantLink.objects.get()


def test_a_person_settles_the_doubtful_and_may_change_it_later(ingest: Caller) -> None:
    link, reviewer = a_doubt(ingest), make.user("reviewer", Role.REVIEWER)
    assert states() == [("doubtful", ["same_phone", "same_name"])]
    assert same_people(link.first_id) == {link.first_id}
    settle_link(link.pk, by=reviewer, same=True, reason=f" {REASON} ", seen="doubtful")
    assert same_people(link.first_id) == {link.first_id, link.second_id}
    settle_link(link.pk, by=reviewer, same=False, reason="no, they are cousins", seen="linked")
    assert (states()[0][0], SamePerson.objects.count()) == ("apart", 0)
    said = LinkStep.objects.values_list("state", "actor__username", "reason")
    assert list(said) == [
        ("doubtful", None, ""),
        ("linked", "reviewer", REASON),
        ("apart", "reviewer", "no, they are cousins"),
    ]
    # What is known already is not asked again.
    arrives(ingest, "B-2", source="crm", id="B-1", phone="13800138000")
    link_waiting()
    assert (states()[0][0], LinkStep.objects.count()) == ("apart", 3)


def test_two_are_apart_whatever_a_third_shares_with_both(ingest: Caller) -> None:
    one, other, third = (arrives(ingest, ref, identity_number=ZHANG) for ref in ("A-1", "B-1", "C-1"))
    link_waiting()
    assert same_people(one) == {one, other, third}
    link = ApplicantLink.objects.get(first=one, second=other)
    settle_link(link.pk, by=make.user("reviewer", Role.REVIEWER), same=False, reason="a stolen passport", seen="linked")
    assert other not in same_people(one)


def test_refusals_change_nothing(ingest: Caller) -> None:
    link, reviewer = a_doubt(ingest), make.user("reviewer", Role.REVIEWER)
    for by, reason, seen, error in (
        (make.user("auditor", Role.AUDITOR), REASON, "doubtful", NotAllowed),
        (make.user("admin", Role.ADMIN), REASON, "doubtful", NotAllowed),
        (reviewer, "  ", "doubtful", BadDecision),
        (reviewer, REASON, "apart", CaseMoved),
    ):
        with pytest.raises(error):
            settle_link(link.pk, by=by, same=True, reason=reason, seen=seen)
    assert (states()[0][0], LinkStep.objects.count(), SamePerson.objects.count()) == ("doubtful", 1, 0)


def test_what_was_said_of_a_link_is_never_changed(ingest: Caller) -> None:
    a_doubt(ingest)
    with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
        LinkStep.objects.update(reason="x")
    with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
        LinkStep.objects.all().delete()


def test_other_cases_of_a_linked_applicant_are_related_ones(ingest: Caller) -> None:
    arrives(ingest, "A-1", id=ZHANG)
    arrives(ingest, "B-1", source="crm", id=ZHANG)
    # Two others are one too, and nothing to this one.
    arrives(ingest, "C-1", id="310115198503070019")
    arrives(ingest, "D-1", source="crm", id="310115198503070019")
    case = Case.objects.get(external_ref="A-1")
    assert read_case_file(case).related == ()
    link_waiting()
    other = Case.objects.get(external_ref="B-1")
    with CaptureQueriesContext(connection) as read:
        assert [each.pk for each in read_case_file(case).related] == [other.pk]
    # Without other ways to read, those that an index cannot answer would still read every case.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {read[0]['sql']}")
        assert "Index Cond: (applicant_id = ANY (array_append(" in "\n".join(line for (line,) in cursor.fetchall())


def test_applying_twice_is_seen_across_sources(ingest: Caller) -> None:
    RuleSet.objects.create(
        product="consumer", number=1, text="twice: {days: 30}", reason=REASON, set_by=make.user("admin", Role.ADMIN)
    )
    arrives(ingest, "A-1", id=ZHANG)
    arrives(ingest, "B-1", source="crm", id=ZHANG)
    link_waiting()
    arrives(ingest, "A-1", source="crm", id=ZHANG)
    found = {case.external_ref + case.source: [each["code"] for each in case.findings] for case in Case.objects.all()}
    assert found == {"A-1branch-los": [], "B-1crm": [], "A-1crm": ["applied_twice"]}


def test_a_number_that_everybody_shares_links_nobody(ingest: Caller) -> None:
    for number in range(27):
        arrives(ingest, f"A-{number}", phone="13800138000")
    link_waiting()
    assert ApplicantLink.objects.count() == 0
    assert Applicant.objects.count() == 27


def test_a_valid_number_links_however_many_references_its_holder_has(ingest: Caller) -> None:
    keys = [arrives(ingest, f"A-{number}", identity_number=ZHANG, phone="13800138000") for number in range(30)]
    link_waiting()
    assert same_people(keys[29]) == set(keys)
    assert set(ApplicantLink.objects.values_list("first", "state")) == {(keys[0], "linked")}
    last = arrives(ingest, "B-1", source="crm", id=ZHANG)
    link_waiting()
    assert same_people(last) == {*keys, last}
    assert ApplicantLink.objects.count() == 30


NAME, NEAR = ["same_phone", "same_name"], ["same_phone", "nearly_the_same_name"]


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        ("张建国", "张建囯", NEAR),
        ("张伟", "张玮", NEAR),
        ("張偉", "张伟", NAME),
        ("欧阳文静", "欧阳文婧", NEAR),
        ("José García", "Jose Garcia", NAME),
        ("Smith, John", "John Smith", NAME),
    ],
)
def test_a_person_is_asked_of_names_that_may_be_one(ingest: Caller, one: str, other: str, evidence: list[str]) -> None:
    first = arrives(ingest, "A-1", name=one, phone="13800138000")
    arrives(ingest, "B-1", source="crm", name=other, phone="+86 138 0013 8000")
    link_waiting()
    assert states() == [("doubtful", evidence)]
    assert same_people(first) == {first}
    # Who was told apart stays so, whatever arrives later.
    link = ApplicantLink.objects.get()
    settle_link(link.pk, by=make.user("reviewer", Role.REVIEWER), same=False, reason=REASON, seen="doubtful")
    arrives(ingest, "A-2", id="A-1", name=one, phone="13800138000")
    link_waiting()
    assert states() == [("apart", evidence)]


def test_relatives_with_one_telephone_are_not_asked_about(ingest: Caller) -> None:
    for ref, name in (("A-1", "李明"), ("B-1", "李芳"), ("C-1", "王小红")):
        arrives(ingest, ref, name=name, phone="13800138000")
    link_waiting()
    assert ApplicantLink.objects.count() == 0


def test_a_near_number_is_found_beside_a_telephone_of_hundreds(ingest: Caller) -> None:
    for number in range(27):
        arrives(ingest, f"A-{number}", phone="13800138000")
    # Two signs changed places where the birthday ends and the rest begins.
    arrives(ingest, "A-27", id="310115198503072419", name="李小明", phone="13800138000")
    arrives(ingest, "B-1", source="crm", id="310115198503027419", name="李晓明", phone="13800138000")
    link_waiting()
    assert states() == [("doubtful", ["identity_number_but_for_a_slip", "same_phone", "nearly_the_same_name"])]


@pytest.mark.parametrize("migration", ["0031_names_in_one_form", "0033_forms_in_brackets"])
def test_links_of_before_are_looked_for_again(ingest: Caller, migration: str) -> None:
    arrives(ingest, "A-1", name="张伟", phone="13800138000")
    arrives(ingest, "B-1", source="crm", name="张玮", phone="13800138000")
    link_waiting()
    ApplicantLink.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(import_module(f"intake.migrations.{migration}").AGAIN)
    assert (ApplicantToLink.objects.count(), link_all(), LinkStep.objects.count()) == (2, 2, 1)


def test_a_small_business_is_found_under_its_name_without_its_form(ingest: Caller) -> None:
    arrives(ingest, "E-1", name="杭州鑫源餐饮店（个体工商户）", phone="13600136000")
    arrives(ingest, "O-1", source="oa", name="杭州鑫源餐饮店", phone="13600136000")
    link_waiting()
    assert states() == [("doubtful", ["same_phone", "same_name"])]


def test_two_sweeps_at_once_find_each_pair_once(transactional_db: None) -> None:
    ingest = Caller(create_token("los", scopes=["ingest"]))
    arrives(ingest, "A-1", id=ZHANG)
    arrives(ingest, "B-1", source="crm", id=ZHANG)
    assert sorted(together([link_waiting, link_waiting])) == [0, 2]
    assert states() == [("linked", ["same_identity_number"])]
