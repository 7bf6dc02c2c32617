"""Every page for every role: who may see it, how many queries it takes, and under which policy it is served."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone, translation

from cases import actions
from cases.models import Case, User
from cases.states import Role
from desk.errors import server_error
from routing.duty import state_absence, state_duty
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case

POLICY_A = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
REVIEWS = {Role.REVIEWER, Role.SUPERVISOR}
READS = {Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}
PAGES = [
    ("/review", {*REVIEWS, Role.AUDITOR}),
    ("/review?view=mine", {*REVIEWS, Role.AUDITOR}),
    ("/held", {*REVIEWS, Role.AUDITOR}),
    ("/signoff", {Role.SUPERVISOR, Role.AUDITOR}),
    ("/cases", set(Role)),
    ("/imports", READS),
    ("/overview", READS),
    ("/capacity", READS),
    ("/capacity?person={person}", READS),
    ("/policies/{policy}/promise", READS),
    ("/models", set(Role)),
    ("/models/{model}", set(Role)),
    ("/policies", READS),
    ("/policies/{policy}", READS),
    ("/review/{queued}", set(Role)),
    ("/review/{queued}/what-if", set(Role)),
    ("/review/{awaiting}", set(Role)),
    ("/review/{declined}", set(Role)),
    ("/signoff/{awaiting}", {Role.SUPERVISOR, Role.AUDITOR}),
    ("/signoff/delegations", set(Role)),
    ("/signoff/{awaiting}/signer", {Role.REVIEWER, Role.SUPERVISOR}),
    ("/held/{held}", {*REVIEWS, Role.AUDITOR}),
]
POSTS = [
    ("/review/start", REVIEWS),
    ("/review/{queued}/claim", REVIEWS),
    ("/review/{queued}/release", REVIEWS),
    ("/review/{queued}/extend", REVIEWS),
    ("/review/{queued}/decide", REVIEWS),
    ("/review/{queued}/information", REVIEWS),
    ("/review/{queued}/withdraw", {Role.SUPERVISOR, Role.ADMIN}),
    ("/review/{queued}/take-over", {Role.SUPERVISOR}),
    ("/signoff/{awaiting}/sign", {Role.SUPERVISOR}),
    ("/signoff/{awaiting}/signer/ask", REVIEWS),
    ("/signoff/delegations/give", {Role.SUPERVISOR}),
    ("/signoff/delegations/end", REVIEWS),
    ("/signoff/reopenings/answer", {Role.SUPERVISOR}),
    ("/review/{declined}/reopening", REVIEWS),
    ("/policies/new", {Role.ADMIN}),
    ("/policies/{policy}/edit", {Role.ADMIN}),
    ("/policies/{policy}/simulation", READS),
    ("/policies/{policy}/test", {Role.ADMIN}),
    ("/policies/{policy}/import/rules", {Role.ADMIN}),
    ("/policies/{policy}/order", {Role.ADMIN}),
    ("/policies/{policy}/propose", {Role.ADMIN}),
    ("/policies/{policy}/return", {Role.SUPERVISOR, Role.ADMIN}),
    ("/policies/{policy}/roll-back", {Role.SUPERVISOR, Role.ADMIN}),
    ("/policies/{policy}/approval", {Role.SUPERVISOR, Role.ADMIN}),
    ("/policies/{policy}/exploration", {Role.SUPERVISOR, Role.ADMIN}),
    ("/held/{held}/supply", REVIEWS),
    ("/capacity/duty", {Role.SUPERVISOR, Role.ADMIN}),
    ("/capacity/absence", {Role.SUPERVISOR, Role.ADMIN}),
    ("/capacity/end", {Role.SUPERVISOR, Role.ADMIN}),
    ("/policies/{policy}/promise", {Role.ADMIN}),
]
ACTS = ("claim", "release", "extend", "decide", "information", "withdraw", "take-over")


def csp_parts(header: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.fixture
def people(reviewer: User, supervisor: User, admin: User, auditor: User) -> dict[str, User]:
    return {user.role: user for user in (reviewer, supervisor, admin, auditor)}


@pytest.fixture
def refs(ground: Policy, reviewer: User, supervisor: User) -> dict[str, str]:
    awaiting, _review = make.awaiting_case(reviewer, "D-1")
    declined = make.claimed_case(reviewer, "D-2", key_customer=False)
    actions.decide_case(
        declined.pk,
        by=reviewer,
        outcome="decline",
        reason_codes=["high_debt"],
        note="The debts take half of the income.",
        seen_version=declined.version,
    )
    held = held_case(annual_income=0)
    queued = make.queued_case("D-3")
    model = str(ModelVersion.objects.get().pk)
    state_duty(reviewer.pk, by=supervisor, hours_a_day=Decimal(6), most_cases_a_day=None, products=["consumer"])
    day = timezone.localdate()
    state_absence(reviewer.pk, by=supervisor, first_day=day, last_day=day, reason="")
    return {
        "person": str(reviewer.pk),
        "awaiting": awaiting.ref,
        "declined": declined.ref,
        "held": held.ref,
        "queued": queued.ref,
        "model": model,
        "policy": str(ground.pk),
    }


def test_every_page_is_shown_to_its_roles_only(
    refs: dict[str, str], people: dict[str, User], signs_in: SignsIn
) -> None:
    for role, user in people.items():
        client = signs_in(user)
        for path, roles in PAGES:
            answer = client.get(path.format(**refs))
            assert answer.status_code == (200 if role in roles else 403), (role, path)
            if role not in roles:
                assert "Your role does not allow this." in answer.content.decode()


def test_a_post_by_the_wrong_role_changes_nothing(
    refs: dict[str, str], people: dict[str, User], signs_in: SignsIn
) -> None:
    before = list(Case.objects.order_by("pk").values_list("pk", "state", "version"))
    for role, user in people.items():
        for path, roles in POSTS:
            if role not in roles:
                assert signs_in(user).post(path.format(**refs)).status_code == 403, (role, path)
    assert list(Case.objects.order_by("pk").values_list("pk", "state", "version")) == before


def test_a_stranger_is_asked_to_sign_in_and_comes_back(refs: dict[str, str], client: Client, reviewer: User) -> None:
    path = f"/review/{refs['queued']}"
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={path}")
    wrong = client.post("/login", {"username": "reviewer", "password": "not this one", "next": path})
    assert wrong.status_code == 422
    assert 'value="reviewer"' in wrong.content.decode()
    right = client.post("/login", {"username": "reviewer", "password": make.PASSWORD, "next": path})
    assert (right.status_code, right["Location"]) == (302, path)
    elsewhere = client.post(
        "/login", {"username": "reviewer", "password": make.PASSWORD, "next": "https://example.org/"}
    )
    assert elsewhere["Location"] == "/"


@pytest.mark.parametrize(
    ("role", "home"),
    [("reviewer", "/review"), ("supervisor", "/signoff"), ("admin", "/overview"), ("auditor", "/overview")],
)
def test_a_day_begins_where_the_role_works(role: str, home: str, people: dict[str, User], signs_in: SignsIn) -> None:
    assert signs_in(people[role]).get("/")["Location"] == home


@pytest.mark.parametrize("ref", ["CR-999999", "CR-0", "CR-", "10482", "CR-1e3", "CR-99999999999999999999"])
def test_a_case_that_does_not_exist_is_not_found(ref: str, reviewer: User, signs_in: SignsIn) -> None:
    answer = signs_in(reviewer).get(f"/review/{ref}")
    assert answer.status_code == 404
    assert "There is no such case, or you may not see it." in answer.content.decode()


def test_every_answer_is_served_under_policy_a(
    refs: dict[str, str], supervisor: User, signs_in: SignsIn, client: Client
) -> None:
    paths = [path.format(**refs) for path, _roles in PAGES]
    answers = [signs_in(supervisor).get(path) for path in [*paths, "/review/CR-999999", "/nowhere"]]
    answers += [client.get("/login"), signs_in(supervisor).post("/held")]
    for answer in answers:
        assert csp_parts(answer["Content-Security-Policy"]) == csp_parts(POLICY_A)


def test_no_address_carries_personal_data(refs: dict[str, str], people: dict[str, User], signs_in: SignsIn) -> None:
    make.cases(60)
    make.run_machine()
    for role, user in people.items():
        for path, roles in PAGES:
            if role in roles:
                page = signs_in(user).get(path.format(**refs)).content.decode()
                addresses = re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page)
                assert addresses
                assert not any("applicant" in each or "%E5%BC%A0" in each or "张" in each for each in addresses)


def test_pages_mask_names_until_they_are_asked_for(refs: dict[str, str], reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(reviewer)
    for path in ("/review", "/cases", "/cases?q=%E5%BC%A0%E6%95%8F", "/held", f"/review/{refs['queued']}"):
        page = client.get(path).content.decode()
        assert "张*" in page
        assert "张敏" not in page.replace('value="张敏"', "")


def test_every_page_speaks_both_languages(refs: dict[str, str], supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor, "zh-hans")
    english = re.compile(r"(?<![\w./-])(Queue|Cases|Applicant|Amount|Typical|Source|Advice|Decision|approve|years)\b")
    for path, _roles in PAGES:
        page = client.get(path.format(**refs)).content.decode()
        assert '<html lang="zh-Hans"' in page
        # What is told in both languages, side by side, says so of each.
        main = re.sub(
            r'<(td|p)[^>]* lang="en">.*?</\1>', " ", page.split("<main", 1)[1].split("</main>")[0], flags=re.DOTALL
        )
        text = re.sub(r"<[^>]*>", " ", main)
        assert not english.findall(text), path


def test_language_and_keys_are_remembered(client: Client, reviewer: User) -> None:
    answer = client.post("/language", {"language": "zh-hans", "next": "/login"})
    assert (answer.status_code, answer["Location"]) == (302, "/login")
    assert "登录" in client.get("/login").content.decode()
    client.post("/language", {"language": "xx"})
    assert client.cookies["django_language"].value == "zh-hans"
    client.force_login(reviewer)
    client.post("/preferences/keys", {"keys": "alt", "next": "/review"})
    assert 'data-keys="alt"' in client.get("/review").content.decode()
    client.post("/preferences/keys", {"keys": "sometimes"})
    assert User.objects.get(pk=reviewer.pk).hot_keys == "alt"
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/review").content.decode()
    client.cookies["theme"] = 'x"><script>'
    assert "data-theme=" not in client.get("/review").content.decode().split("<head>")[0]


def test_a_wrong_method_and_an_unknown_address_are_refused(supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor)
    refused = client.post("/cases")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    for path in ("/logout", "/language", "/preferences/keys"):
        refused = client.get(path)
        assert (refused.status_code, refused["Allow"]) == (405, "POST")
        assert "This address only takes what a page sends to it. Nothing was changed." in refused.content.decode()
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page or case" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/signoff/CR-7/sign", "/signoff/CR-7"),
        ("/held/CR-7/supply", "/held/CR-7"),
        ("/capacity/duty", "/capacity"),
        ("/capacity/absence", "/capacity"),
        ("/capacity/end", "/capacity"),
        ("/review/start?view=key", "/review?view=key"),
        *((f"/review/CR-7/{act}", "/review/CR-7") for act in ACTS),
        ("/review/CR-7/decide?view=grey", "/review/CR-7?view=grey"),
    ],
)
def test_the_address_of_an_action_opens_the_page_it_belongs_to(path: str, page: str, client: Client) -> None:
    """Whoever is signed out is asked to sign in by the page itself."""
    assert client.get(path)["Location"] == client.head(path)["Location"] == page


def test_a_refused_form_names_its_page_for_the_language_switch(
    refs: dict[str, str], supervisor: User, reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    queued = f"/review/{refs['queued']}"
    forms = [
        (f"/signoff/{refs['awaiting']}/sign", {"act": "send_back"}, f"/signoff/{refs['awaiting']}"),
        (f"/held/{refs['held']}/supply", {}, f"/held/{refs['held']}"),
        (f"{queued}/withdraw", {"view": "key"}, f"{queued}?view=key"),
        ("/login", {"username": "nobody"}, "/login"),
    ]
    for path, form, page in forms:
        refused = client.post(path, {"version": 1, **form})
        assert refused.status_code in (409, 422), path
        assert f'name="next" value="{page}"' in refused.content.decode()
    switched = client.post("/language", {"language": "zh-hans", "next": f"{queued}?view=key"})
    assert switched["Location"] == f"{queued}?view=key"


def test_the_page_of_a_fault_needs_nothing_that_may_have_failed(client: Client) -> None:
    with translation.override("en"):
        answer = server_error(client.request().wsgi_request)
    assert answer.status_code == 500
    assert "Nothing was half saved" in answer.content.decode()


def test_whoever_came_through_the_door_twice_goes_on_to_where_they_wanted(reviewer: User, client: Client) -> None:
    nested = "/login?" + urlencode({"next": "/login?" + urlencode({"next": "/cases?q=1&state=queued"})})
    who = {"username": reviewer.username, "password": make.PASSWORD}
    assert client.post("/login", {**who, "next": nested})["Location"] == "/cases?q=1&state=queued"
    assert client.post("/language", {"language": "en", "next": nested})["Location"] == "/cases?q=1&state=queued"
    outside = "/login?" + urlencode({"next": "https://evil.example/"})
    assert client.post("/login", {**who, "next": outside})["Location"] == "/"
    assert client.post("/language", {"language": "en", "next": "/login"})["Location"] == "/login"
