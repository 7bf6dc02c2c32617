"""Names and numbers of applicants on the pages: masked in the HTML, shown for a while, and never in secret."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case, Reveal, User
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case

PHONE, IDENTITY, TELEX = "13812345678", "310101199001011234", "77001122"
FEATURES = {**make.CLEAR_FEATURES, "phone": 13812345678, "id_number": IDENTITY, "telex": TELEX}
BARE = ("张敏", PHONE, "13,812,345,678", IDENTITY, TELEX)
FROM = ("", "/print", "/documents", "/similar", "/lineage")


@pytest.fixture
def case(ground: Policy, admin: User) -> Case:
    make.desk_rules(admin, personal_fields="telex, plate")
    return make.queued_case("N-1", features=FEATURES, applicant_ref=IDENTITY)


MOMENT = re.compile(r'datetime="[^"]*"')


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    # The microseconds of a moment may be any digits.
    return MOMENT.sub("", unescape(answer.content.decode()))


def told(page: str) -> list[str]:
    return [each for each in BARE if each in page]


def test_nothing_personal_stands_in_the_page_until_it_is_asked_for_and_then_for_that_person_on_that_case(
    case: Case, reviewer: User, second_reviewer: User, signs_in: SignsIn
) -> None:
    mine, other = signs_in(reviewer), signs_in(second_reviewer)
    for rest in FROM:
        assert told(seen(mine, f"/review/{case.ref}{rest}")) == [], rest
    page = seen(mine, f"/review/{case.ref}")
    for masked in ("张*", "138****5678", "310****1234", "7****2"):
        assert masked in page
    assert "Name and numbers masked" in " ".join(seen(mine, f"/review/{case.ref}/print").split()).replace(
        "</dt><dd>", " "
    )
    answer = mine.post(f"/review/{case.ref}/reveal", {"why": "contact", "next": f"/review/{case.ref}/print"})
    assert answer["Location"] == f"/review/{case.ref}/print"
    page = seen(mine, f"/review/{case.ref}")
    assert told(page) == ["张敏", PHONE, IDENTITY, TELEX]
    assert "name and numbers shown until" in page
    assert f"reviewer, {timezone.localtime():%Y-}" in seen(mine, f"/review/{case.ref}/print")
    assert told(seen(mine, f"/review/{case.ref}/lineage")) == ["张敏", PHONE, IDENTITY, TELEX]
    # Nobody else, no other case, no list, and not for ever.
    theirs = seen(other, f"/review/{case.ref}")
    assert told(theirs) == []
    assert "had name and numbers shown" in theirs
    assert "Get in touch with the applicant" in theirs
    twin = make.case("N-2", features=FEATURES, applicant_ref=IDENTITY)
    for path in (f"/review/{twin.ref}", "/review", "/cases?q=N-1", f"/cases?q={IDENTITY}"):
        assert set(told(seen(mine, path))) <= ({IDENTITY} if IDENTITY in path else set()), path


def test_it_ends_after_the_time_that_the_desk_says(case: Case, reviewer: User, signs_in: SignsIn) -> None:
    past = timezone.now() - timedelta(hours=1)
    Reveal.objects.create(case=case, person=reviewer, why="audit", at=past, until=past + timedelta(minutes=15))
    page = seen(signs_in(reviewer), f"/review/{case.ref}")
    assert told(page) == []
    assert "had name and numbers shown" in page
    assert f'action="/review/{case.ref}/reveal"' in page


def test_a_purpose_that_is_none_shows_nothing(case: Case, reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(reviewer)
    answer = client.post(f"/review/{case.ref}/reveal", {"why": ""})
    assert answer.status_code == 422
    assert "Choose what you need them for." in answer.content.decode()
    assert client.post(f"/review/{case.ref}/reveal", {"why": "audit", "next": "//evil.example"})["Location"] == (
        f"/review/{case.ref}"
    )
    assert Reveal.objects.count() == 1


def test_who_signs_sees_masks_too_and_auditors_and_supervisors_see_who_had_them_shown(
    case: Case, reviewer: User, second_reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    awaiting, _review = make.awaiting_case(reviewer, "N-3", features=FEATURES)
    boss, audit = signs_in(supervisor), signs_in(auditor)
    assert told(seen(boss, f"/signoff/{awaiting.ref}")) == []
    assert told(seen(boss, "/signoff")) == []
    boss.post(f"/review/{awaiting.ref}/reveal", {"why": "fraud", "next": f"/signoff/{awaiting.ref}"})
    assert PHONE in seen(boss, f"/signoff/{awaiting.ref}")
    audit.post(f"/review/{case.ref}/reveal", {"why": "audit"})
    for client in (boss, audit):
        page = seen(client, "/team/names-shown")
        for part in (awaiting.ref, case.ref, "Look into a suspicion of fraud", "Audit or check of quality"):
            assert part in page
        assert told(page) == []
    only = seen(audit, f"/team/names-shown?person={supervisor.pk}")
    assert awaiting.ref in only
    assert case.ref not in only
    assert 'href="/team/names-shown"' in seen(boss, "/team")
    assert signs_in(reviewer).get("/team/names-shown").status_code == 403


def test_a_value_that_is_held_or_was_put_right_is_masked_in_its_sentence_and_its_history(
    reviewer: User, admin: User, signs_in: SignsIn
) -> None:
    make.desk_rules(admin, personal_fields="annual_income")
    held = held_case(annual_income=-987654)
    client = signs_in(reviewer)
    for path in ("/held", f"/held/{held.ref}", f"/review/{held.ref}", f"/review/{held.ref}/lineage"):
        assert "987" not in seen(client, path), path
    form = {"feature-annual_income": "456789", "reason": "The tax return of last year.", "version": held.version}
    assert client.post(f"/held/{held.ref}/supply", form)["Location"] == "/held"
    for path in (f"/review/{held.ref}", f"/review/{held.ref}/lineage"):
        page = seen(client, path)
        assert "4****9" in page
        assert [each for each in ("456789", "456,789", "987654", "987,654") if each in page] == []
