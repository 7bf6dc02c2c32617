"""Every address of the product: what it answers to any method, to a case that is not there and to anything typed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.admin.sites import site
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cases.models import Case, User
from intake.gate.quality import judge, load_rules
from intake.models import Batch
from tests import make
from tests.house import ground
from tests.house.addresses import ADDRESSES, SIGNED_OUT
from tests.house.ground import signed_in, url_of

PAGES = [address for address in ADDRESSES if address.method == "get" and address.name != "login"]
ACTS = [address for address in ADDRESSES if address.method == "post"]
WITHOUT_PAGE = ("logout", "language", "keys", "goes_on", "phrase_remove", "acknowledge")
WITHOUT_FIELDS = ("logout", "release", "extend", "start", "phrase_remove", "named_source")
METHODS = ("get", "post", "put", "patch", "delete")
HOSTILE_REFS = (
    "CR-0",
    "CR-",
    "x",
    "CR-1e3",
    "CR-٣",
    "CR-" + "9" * 30,
    "CR-1 OR 1=1",
    "..",
    "CR-1\x00",
    "中文",
    "%2e%2e",
)
TYPED = ("q", "view", "after", "state", "source", "product", "next", "person", "days", "refs", "sort", "due", "code")
HOSTILE_TEXTS = ("'\"><script>alert(1)</script>", "\x00", "%", "_%\\", "9" * 400, "-1", "中" * 3000, "W251bGxd", "e30=")


@pytest.fixture
def people(db: None) -> dict[str, User | None]:
    return ground.people()


@pytest.fixture
def case(champion: object, policy: object, tmp_path: Path) -> Iterator[Case]:
    with ground.case_with_document(tmp_path) as case:
        yield case


@pytest.fixture
def file(db: None) -> Batch:
    return ground.file()


def patterns(resolver: URLResolver) -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from ((f"{each.pattern}{route}", pattern) for route, pattern in patterns(each))
        elif isinstance(each, URLPattern):
            yield str(each.pattern), each


def test_every_page_and_act_is_listed_here() -> None:
    (desk,) = (each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "desk")
    assert isinstance(desk, URLResolver)
    assert {pattern.name for _route, pattern in patterns(desk)} == {address.name for address in ADDRESSES}


def test_every_other_address_belongs_to_the_api_the_admin_or_the_probes() -> None:
    routes = {route for route, pattern in patterns(get_resolver()) if not pattern.lookup_str.startswith("desk.views.")}
    rest = {route for route in routes if not route.startswith(("admin/", "api/v1/"))}
    assert rest == {"healthz", "readyz", "metrics"}


def test_an_address_answers_its_own_methods_only(people: dict[str, User | None], case: Case, file: Batch) -> None:
    clients = [signed_in(people[role]) for role in ("supervisor", SIGNED_OUT)]
    for address in ADDRESSES:
        url = url_of(address, case, file)
        known = {each.method for each in ADDRESSES if each.name == address.name}
        for client in clients:
            for method in set(METHODS) - known:
                answer = getattr(client, method)(url)
                if method == "get" and address.name not in WITHOUT_PAGE:
                    # Left in the address bar by a refused form: it leads back to the page of the form.
                    assert (answer.status_code, url.startswith(answer.headers["Location"])) == (302, True), url
                else:
                    assert answer.status_code == 405, (method, url)
        if "get" in known:
            assert clients[0].head(url).status_code == clients[0].get(url).status_code


def test_a_case_that_is_not_there_is_not_found_by_anybody(people: dict[str, User | None], case: Case) -> None:
    """Every view takes the reference as any text and fetches the case in one way, so one is tried with them all."""
    for address in ADDRESSES:
        if address.kind == "ref":
            client = signed_in(people[address.roles[-1]])
            for ref in HOSTILE_REFS if address.name == "case" else HOSTILE_REFS[:3]:
                url = reverse(f"desk:{address.name}", args=[ref])
                assert getattr(client, address.method)(url).status_code == 404, url
    for name, *more in (("rejected",), ("model_card",), ("card_file", "en"), ("policy",), ("policy_approval",)):
        url = reverse(f"desk:{name}", args=[9**18, *more])
        assert signed_in(people["admin"]).get(url).status_code == 404, url


def test_nothing_typed_into_an_address_breaks_a_page(
    people: dict[str, User | None], case: Case, file: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: set[str] = set()

    def typed(request: WSGIRequest) -> QueryDict:
        readers.add(request.path)
        if "typed" not in request.__dict__:
            request.__dict__["typed"] = QueryDict(request.META["QUERY_STRING"])
        found: QueryDict = request.__dict__["typed"]
        return found

    monkeypatch.setattr(WSGIRequest, "GET", property(typed))
    client = signed_in(people["supervisor"])
    for address in PAGES:
        url = url_of(address, case, file)
        for text in HOSTILE_TEXTS:
            answer = client.get(url, dict.fromkeys(TYPED, text))
            assert answer.status_code in (200, 302, 400, 404), (url, text)
            shown = b"".join(answer) if answer.streaming else answer.content
            assert b"<script>alert(1)" not in shown, (url, text)
            # It may show its address, in the form of the language, but reads nothing of it: one text is enough.
            if url not in readers:
                break
    assert {"/review", "/cases", "/held"} <= readers


def test_nothing_typed_into_a_form_breaks_it_or_moves_a_case(people: dict[str, User | None]) -> None:
    supervisor = people["supervisor"]
    assert supervisor is not None
    clients = {role: signed_in(people[role]) for role in ("supervisor", "admin")}
    features = {**make.CLEAR_FEATURES, "annual_income": None}
    found = judge(features, Decimal(8000), load_rules("consumer"))
    held = make.case("A-1", features=features, findings=[finding.as_dict() for finding in found])
    assert held.state == "needs_data"
    taken = make.claimed_case(supervisor, "A-2")
    for address in ACTS:
        if address.name in WITHOUT_FIELDS or address.name.startswith("policy"):
            continue
        if address.kind in ("look", "phrase", "source", "mapping", "breaker", "model", "promotion", "webhook", "set"):
            continue
        case = held if address.name in ("supply", "return_held") else taken
        url = reverse(f"desk:{address.name}", args=[case.ref] if address.kind else [])
        for text in HOSTILE_TEXTS:
            names = (
                "version",
                "decision",
                "reason_codes",
                "note",
                "reason",
                "act",
                "view",
                "keys",
                "language",
                "person",
                "absence",
                "to",
                "refs",
                "until",
                "outcome",
                "daily_goal",
            )
            posted = dict.fromkeys((*names, "next", "username", "password", "feature-annual_income"), text)
            asked = [{"decision": "ask"}] if address.name == "decide" else []
            for right in ({"version": str(case.version), **more} for more in ({}, *asked)):
                point = transaction.savepoint()
                client = clients["supervisor" if "supervisor" in address.roles else "admin"]
                answer = client.post(url, {**posted, **right})
                assert answer.status_code in (302, 400, 404, 409, 422), (url, text, right)
                transaction.savepoint_rollback(point)


def test_the_probes_answer_without_signing_in(db: None) -> None:
    client = Client()
    for url in ("/healthz", "/readyz", "/metrics"):
        assert client.get(url).status_code == 200
        assert client.post(url).status_code == 405


def test_the_admin_site_is_open_to_the_admin_role_and_keeps_the_record_as_it_is(
    people: dict[str, User | None], champion: object, policy: object, reviewer: User
) -> None:
    make.awaiting_case(reviewer)
    clients = {role: signed_in(person) for role, person in people.items()}
    for model in site._registry:
        options = model._meta
        first = model._default_manager.first()
        names = ["changelist", "add", *(["change", "delete", "history"] if first else [])]
        for name in names:
            arguments = [first.pk] if first and name not in ("changelist", "add") else []
            url = reverse(f"admin:{options.app_label}_{options.model_name}_{name}", args=arguments)
            assert clients["supervisor"].get(url).status_code == 302
            writes = name in ("add", "delete") and options.model_name not in ("user", "group")
            assert clients["admin"].get(url).status_code == (403 if writes else 200), url
    for url in ("/admin/", "/admin/cases/", "/admin/auth/", "/admin/jsi18n/", "/admin/password_change/"):
        assert {
            role: client.get(url).status_code for role, client in clients.items() if role != "admin"
        } == dict.fromkeys(set(clients) - {"admin"}, 302)
        assert clients["admin"].get(url).status_code == 200, url
    assert clients["admin"].get("/admin/nothing/here/").status_code == 404
