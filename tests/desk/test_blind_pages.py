"""The HTML of a blind case holds nothing of the model: no figure, no sentence, no hint; afterwards all of it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.utils import translation

from cases import actions
from cases.blindness import SHOWN_WHY
from cases.models import Case, Opinion, User
from cases.opinions import record_opinion
from cases.states import State
from cases.why import sentences
from desk.build.assessment import assessment_of
from desk.build.facts import fact_groups
from desk.build.money import costs_of, grant_of
from desk.build.signing import sign_offs
from desk.dossier import dossier_as_json, open_dossier
from desk.words import percent
from routing.models import Policy, Route
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import ECONOMICS, LIMIT, routed_anew

LANGUAGES = ("en", "zh-hans")
# What betrays an advice by being there at all.
MARKS = ("data-sign-off", "data-needs-note", "data-needs-codes", "what-if", 'name="decision"', "reason_codes")
RISKY = {**make.CLEAR_FEATURES, "interest_rate": 19.5, "delinquencies_2y": 3, "inquiries_12m": 5}


@pytest.fixture
def blind_desk(ground: Policy, admin: User) -> Policy:
    make.desk_rules(admin, opinion_share=1.0, opinion_on_grey_band=True)
    return ground


def blind_case(external_ref: str = "A-1", **changes: Any) -> Case:
    """A case in the queue with everything that a page can tell: advice, costs, a limit, reasons with figures."""
    case = make.queued_case(external_ref, **{"key_customer": False, "features": RISKY, **changes})
    assert case.opinion_first
    pd = case.pd or 0
    grey = {"code": "grey_band", "params": {"pd": pd, "low": 0.0312, "high": 0.2712}}
    reasons = [grey, *Route.objects.filter(case=case).latest().reasons]
    routed_anew(case, limit=LIMIT, economics=ECONOMICS, reasons=reasons)
    Case.objects.filter(pk=case.pk).update(why=reasons)
    return make.reread(case)


def leaves(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif dataclasses.is_dataclass(found):
        for field in dataclasses.fields(found):
            yield from leaves(getattr(found, field.name))
    elif isinstance(found, tuple | list):
        for each in found:
            yield from leaves(each)


def forbidden(case: Case, user: User) -> set[str]:
    """Every text that a page makes of the assessment and the route, in the present language, but what the facts say
    too and words that any page uses."""
    dossier = open_dossier(case)
    said = set(leaves(assessment_of(dossier))) | set(leaves(grant_of(dossier))) | set(leaves(costs_of(dossier)))
    said |= set(leaves(sign_offs(case, user)))
    said |= set(sentences(reason for reason in case.why if reason["code"] not in SHOWN_WHY))
    said |= {percent(case.pd, 2), percent(case.pd, 0), str(case.pd), str(case.points)}
    known = set(leaves(fact_groups(dossier)))
    # A code or a class, such as `up` or `income`, is no text.
    told = {each for each in said if len(each) > 2 and not re.fullmatch(r"[a-z_]+|\W+", each)} - known
    # Words of every page, the time, and the amount that was asked for.
    plain = {"KeyW", "Why", "0.00%", "Approve", "Decline", "通过", "拒绝", assessment_of(dossier).scored_at}  # type: ignore[union-attr]
    plain |= {grant_of(dossier).asked}  # type: ignore[union-attr]
    return told - plain


def seen(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def told_by(page: str, texts: set[str]) -> set[str]:
    return {text for text in texts if re.search(rf"(?<![\w.]){re.escape(text)}(?![\w])", page)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_tells_anything_of_a_blind_case_until_its_holder_has_spoken(
    language: str, blind_desk: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case = blind_case()
    clients = [signs_in(user, language) for user in (reviewer, second_reviewer, supervisor)]
    pages = (f"/review/{case.ref}", "/review", "/review?view=grey", "/review?view=audit", "/cases", "/cases?q=A-1")
    with translation.override(language):
        secrets = forbidden(case, reviewer)
    assert len(secrets) > 40

    def nothing_is_told() -> None:
        for client in clients:
            for path in pages:
                page = seen(client, path)
                assert told_by(page, secrets) == set(), path
                assert [mark for mark in MARKS if mark in page] == [], path
            assert client.get(f"/review/{case.ref}/what-if").status_code == 409
            assert client.get(f"/review/{case.ref}/what-if", headers={"HX-Request": "true"}).status_code == 409

    nothing_is_told()
    assert case.ref not in seen(clients[0], "/review?view=grey")
    held = actions.claim_case(case.pk, by=reviewer)
    nothing_is_told()
    assert 'id="opinion"' in seen(clients[0], f"/review/{case.ref}")
    assert 'id="opinion"' not in seen(clients[2], f"/review/{case.ref}")
    record_opinion(held.pk, by=reviewer, lean="decline", band=3, seen_version=held.version)
    shown = seen(clients[0], f"/review/{case.ref}")
    # Not what a page shows only when asked: the test has teeth where nearly all of it is there.
    assert len(told_by(shown, secrets)) > len(secrets) * 0.8
    leaned = {"en": "you leaned to decline · PD 5 to 10 %", "zh-hans": "您倾向拒绝 · 违约概率 5 % 至 10 %"}
    assert leaned[language] in shown
    said = {"en": "leaned to decline", "zh-hans": "倾向拒绝 ·"}[language]
    for client in clients[1:]:
        page = seen(client, f"/review/{case.ref}")
        assert told_by(page, secrets) == set()
        assert said not in page


def test_readers_see_a_blind_case_and_signers_see_the_lean(
    blind_desk: Policy, reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case = blind_case(key_customer=True)
    secrets = {percent(case.pd)}
    assert told_by(seen(signs_in(auditor), f"/review/{case.ref}"), secrets) == secrets
    held = actions.claim_case(case.pk, by=reviewer)
    client = signs_in(reviewer)
    posted = {
        "decision": "approve",
        "reason_codes": ["stable_income"],
        "note": "Income is stable.",
        "version": held.version,
    }
    refused = client.post(f"/review/{case.ref}/decide", posted)
    assert (refused.status_code, make.reread(case).version) == (409, held.version)
    assert "Say what you think first" in refused.content.decode()
    said = {"lean": "approve", "band": "2", "version": str(held.version), "view": "open"}
    for _press in range(2):
        answer = client.post(f"/review/{case.ref}/opinion", said)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/review/{case.ref}?view=open")
    assert Opinion.objects.values_list("lean", "band").get() == ("approve", 2)
    client.post(f"/review/{case.ref}/decide", posted)
    assert make.reread(case).state == State.AWAITING_SIGNOFF
    assert dossier_as_json(open_dossier(make.reread(case)))["opinions"] == []
    signing = seen(signs_in(supervisor), f"/signoff/{case.ref}")
    assert signing.count("leaned to approve · PD 2 to 5 %") == 1  # in the timeline
    assert "Before seeing the model" in signing
    assert told_by(signing, secrets) == secrets
    waiting = make.reread(case)
    actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=waiting.version)
    (told,) = dossier_as_json(open_dossier(make.reread(case)))["opinions"]
    assert (told["person"], told["lean"], told["pd_band"]) == ("reviewer", "approve", 2)


@pytest.mark.parametrize(
    "typed", [{}, {"lean": "approve"}, {"lean": "approve", "band": "9"}, {"lean": "x", "band": "1"}]
)
def test_half_an_opinion_is_refused(
    typed: dict[str, str], blind_desk: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = blind_case()
    held = actions.claim_case(case.pk, by=reviewer)
    answer = signs_in(reviewer).post(f"/review/{case.ref}/opinion", {**typed, "version": str(held.version)})
    assert answer.status_code == 422
    assert not Opinion.objects.exists()


def test_rules_that_do_not_ask_the_model_are_told_on_a_blind_page(
    blind_desk: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = blind_case("K-1", key_customer=True)
    page = seen(signs_in(reviewer), f"/review/{case.ref}")
    assert "Key customer: always reviewed by a person" in page
    assert "No hard rule of the policy hit" not in page


def test_the_pages_of_a_blind_case_ask_the_database_as_often_as_they_should(
    blind_desk: Policy, reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: Any
) -> None:
    case = blind_case()
    blind_case("A-2")
    actions.claim_case(case.pk, by=reviewer)
    client = signs_in(reviewer)
    for path in (f"/review/{case.ref}", "/review", "/cases"):
        with django_assert_max_num_queries(12):
            client.get(path)
