"""The page of applicants that may be one: both beside each other, an answer with a reason, in both languages."""

from __future__ import annotations

import pytest
from django.test import Client

from cases.accounts import create_token
from cases.models import Applicant, Case, Reveal
from cases.revealing import reveal_applicant
from cases.states import Role
from intake.models import ApplicantLink, LinkStep
from intake.people.linking import link_waiting
from tests import make
from tests.api.calls import Caller, a_case
from tests.desk.conftest import SignsIn

URL, SETTLE = "/held/links", "/held/links/settle"


@pytest.fixture
def link(db: None) -> ApplicantLink:
    ingest = Caller(create_token("los", scopes=["ingest"]))
    for ref, source, name in (("A-1", "branch-los", "张三"), ("B-1", "crm", "张 三")):
        applicant = {"id": f"1101051949123100{ref}", "name": name, "phone": "13800138000"}
        ingest.post("/cases", a_case(ref, source=source, applicant=applicant))
    link_waiting()
    found: ApplicantLink = ApplicantLink.objects.get()
    return found


def test_both_stand_beside_each_other_with_masked_numbers(link: ApplicantLink, signs_in: SignsIn) -> None:
    client: Client = signs_in(make.user("reviewer", Role.REVIEWER))
    assert 'Same applicant? <span class="count">1</span>' in client.get("/held").content.decode()
    page = client.get(URL).content.decode()
    for words in (
        "张*",
        "branch-los",
        "crm",
        "+86138****8000",
        "the same telephone",
        "the same name",
        "110****",
        "1 case",
    ):
        assert words in page
    assert "张三" not in page
    assert "张 三" not in page
    assert "13800138000" not in page
    assert "1101051949123100" not in page
    assert "No pair of applicants here" in client.get(f"{URL}?state=linked").content.decode()


def test_a_short_reference_is_masked_too(link: ApplicantLink, signs_in: SignsIn) -> None:
    Applicant.objects.filter(pk=link.first_id).update(external_id="7700112")
    page = signs_in(make.user("reviewer", Role.REVIEWER)).get(URL).content.decode()
    assert "7****2" in page
    assert "0112" not in page


def test_a_name_stands_in_full_for_whoever_had_it_shown_on_a_case_of_theirs(
    link: ApplicantLink, signs_in: SignsIn
) -> None:
    reader = make.user("reviewer", Role.REVIEWER)
    shown = Case.objects.get(applicant__source="crm")
    reveal_applicant(shown.pk, by=reader, why=Reveal.Why.values[0])
    page = signs_in(reader).get(URL).content.decode()
    assert "张 三" in page
    assert "张三" not in page
    assert "1101051949123100B-1" in page
    assert "1101051949123100A-1" not in page
    client = signs_in(make.user("other", Role.REVIEWER))
    page = client.get(URL).content.decode()
    assert "张 三" not in page
    # One press has both shown, and is kept on a case of each; not without a purpose.
    url = f"{URL}/reveal"
    assert f'action="{url}"' in page
    assert client.post(url, {"why": "", "link": link.pk}).status_code == 422
    assert client.post(url, {"why": "identity", "next": URL, "link": link.pk})["Location"] == URL
    page = client.get(URL).content.decode()
    assert all(each in page for each in ("张三", "张 三", "1101051949123100A-1", "name and numbers shown until"))
    kept = Reveal.objects.filter(person__username="other").values_list("case__applicant__source", "why")
    assert sorted(kept) == [("branch-los", "identity"), ("crm", "identity")]


def test_an_answer_needs_a_reason_and_keeps_what_was_typed(link: ApplicantLink, signs_in: SignsIn) -> None:
    client: Client = signs_in(make.user("reviewer", Role.REVIEWER))
    refused = client.post(SETTLE, {"link": link.pk, "seen": "doubtful", "reason": "seen", "same": "on"})
    assert refused.status_code == 422
    assert "Say why they are one applicant or two" in refused.content.decode()
    assert 'value="seen"' in refused.content.decode()
    assert ApplicantLink.objects.get().state == "doubtful"
    given = {"link": link.pk, "seen": "doubtful", "reason": "seen both passports", "same": "on"}
    assert client.post(SETTLE, given).status_code == 302
    assert ApplicantLink.objects.get().state == "linked"
    page = client.get(f"{URL}?state=linked").content.decode()
    assert "seen both passports" in page
    assert 'name="apart"' in page
    assert 'name="same"' not in page
    assert client.post(SETTLE, given).status_code == 409
    assert LinkStep.objects.count() == 2


def test_an_auditor_reads_and_answers_nothing(link: ApplicantLink, signs_in: SignsIn) -> None:
    client: Client = signs_in(make.user("auditor", Role.AUDITOR))
    page = client.get(URL).content.decode()
    assert "张*" in page
    assert 'name="same"' not in page
    given = {"link": link.pk, "seen": "doubtful", "reason": "seen both passports", "same": "on"}
    assert client.post(SETTLE, given).status_code == 403
    assert ApplicantLink.objects.get().state == "doubtful"


def test_an_answer_that_another_one_stands_against_is_not_told_as_done(link: ApplicantLink, signs_in: SignsIn) -> None:
    ingest = Caller(create_token("oa", scopes=["ingest"]))
    ingest.post("/cases", a_case("C-1", source="oa", applicant={"id": "7", "name": "张三", "phone": "13800138000"}))
    link_waiting()
    client: Client = signs_in(make.user("reviewer", Role.REVIEWER))
    said = {"seen": "doubtful", "reason": "seen both passports"}
    told = []
    for each, answer in zip(ApplicantLink.objects.order_by("pk"), ("same", "same", "apart"), strict=True):
        client.post(SETTLE, {**said, "link": each.pk, answer: "on"})
    third = ApplicantLink.objects.get(state="apart")
    for language, one, two in (
        ("en", "They count as one applicant from now on.", "They still count as two"),
        ("zh-hans", "今后视为同一申请人。", "仍视为不同申请人"),
    ):
        client.cookies["django_language"] = language
        for each in ApplicantLink.objects.filter(state="linked").order_by("pk"):
            client.post(SETTLE, {**said, "seen": "linked", "link": each.pk, "apart": "on"})
        for each in ApplicantLink.objects.exclude(pk=third.pk).order_by("pk"):
            page = client.post(SETTLE, {**said, "seen": "apart", "link": each.pk, "same": "on"}, follow=True)
            told.append((one in page.content.decode(), two in page.content.decode()))
        assert told[-2:] == [(True, False), (False, True)]
        assert client.get(f"{URL}?state=linked").content.decode().count(two) == 1


def test_enter_in_a_reason_answers_nothing(link: ApplicantLink, signs_in: SignsIn) -> None:
    page = signs_in(make.user("reviewer", Role.REVIEWER)).get(URL).content.decode()
    form = page[page.index(f'action="{SETTLE}"') :]
    assert form.index('<button type="submit" disabled hidden>') < form.index('name="same"')


@pytest.mark.django_db
def test_names_that_may_be_a_slip_are_asked_about_in_both_languages(signs_in: SignsIn) -> None:
    ingest = Caller(create_token("los", scopes=["ingest"]))
    for ref, source, name in (("A-1", "branch-los", "李小明"), ("B-1", "crm", "李晓明")):
        number = "11010519491231002X" if source == "crm" else "110105194912310021"
        applicant = {"id": number, "name": name, "phone": "13800138000"}
        ingest.post("/cases", a_case(ref, source=source, applicant=applicant))
    link_waiting()
    client = signs_in(make.user("reviewer", Role.REVIEWER))
    for language, words in (
        ("en", ("identity numbers that differ by one slip", "the same telephone", "nearly the same name")),
        ("zh-hans", ("证件号码仅差一处笔误", "电话相同", "名称相近")),
    ):
        client.cookies["django_language"] = language
        page = client.get(URL).content.decode()
        assert [each for each in words if each not in page] == []
        assert 'name="same"' in page
        assert 'name="apart"' in page
