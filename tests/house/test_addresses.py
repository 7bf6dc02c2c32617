"""Every address for everybody: who is let in, who is sent to the door or refused; and nothing typed breaks a page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.admin.sites import site
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from cases.documents import add_document
from cases.models import Case, Document, User
from cases.states import Role
from intake.models import Batch, MappingVersion, Source
from intake.quality import judge, load_rules
from routing.models import Policy
from scoring.ml.drift import make_reference
from scoring.models import Breaker, ModelReference, ModelVersion
from tests import make
from tests.cases.files import PDF_FILE
from tests.house.addresses import ADDRESSES, SIGNED_OUT, Address

PAGES = [address for address in ADDRESSES if address.method == "get" and address.name != "login"]
ACTS = [address for address in ADDRESSES if address.method == "post"]
WITHOUT_PAGE = ("logout", "language", "keys", "goes_on", "phrase_remove", "acknowledge")
WITHOUT_FIELDS = ("logout", "release", "extend", "start", "phrase_remove")
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
    return {SIGNED_OUT: None, **{role.value: make.user(f"any-{role.value}", role) for role in Role}}


@pytest.fixture
def case(champion: object, policy: object, tmp_path: Path, settings: Any) -> Case:
    """A case in the queue, with a document in a folder of this test's own."""
    kept = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": kept}
    waiting, by = make.queued_case(), make.user("brings-documents", Role.REVIEWER)
    model = ModelVersion.objects.get()
    Breaker.objects.create(model=model, segment="source=los", signs=[], since=timezone.now())
    made = make_reference(["annual_income"], np.ones((300, 1)), np.zeros(300))
    ModelReference.objects.create(model=model, origin="first_cases", rows=made.rows, content=made.to_dict())
    add_document(waiting.pk, by=by, name="slip.pdf", content=PDF_FILE)
    return make.reread(waiting)


@pytest.fixture
def file(db: None) -> Batch:
    source = Source.objects.create(slug="branch-los")
    mapping = MappingVersion.objects.create(source=source, number=1, name="m", sha256="0" * 64, content={})
    return Batch.objects.create(source=source, name="a.csv", sha256="0" * 64, mapping=mapping)


def signed_in(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def url_of(address: Address, case: Case, file: Batch) -> str:
    model = ModelVersion.objects.values_list("pk", flat=True).get()
    policy = Policy.objects.values_list("pk", flat=True).get()
    arguments: dict[str, list[object]] = {
        "ref": [case.ref],
        "document": [case.ref, Document.objects.filter(case=case).values_list("pk", flat=True).first()],
        "file": [file.pk],
        "source": [file.source.slug],
        "mapping": [file.source.slug, 1],
        "model": [model],
        "card": [model, "en"],
        "two models": [model, model],
        "promotion": [9**18],
        "policy": [policy],
        "look": [1],
        "set": [9**18],
        "set file": [9**18, "csv"],
        "set card": [9**18, "en"],
        "table": [policy, "rules"],
        "phrase": [9**18],
        "username": ["any-reviewer"],
        "webhook": ["no-such-webhook"],
        "feature": [model, "annual_income"],
        "breaker": [Breaker.objects.values_list("pk", flat=True).first() or 9**18],
        "table file": [policy, "rules", "csv"],
    }
    return reverse(f"desk:{address.name}", args=arguments.get(address.kind, []))


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


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: f"{address.method}-{address.name}")
def test_who_is_let_in_and_who_is_not(
    address: Address, people: dict[str, User | None], case: Case, file: Batch
) -> None:
    url = url_of(address, case, file)
    for role, person in people.items():
        point = transaction.savepoint()
        answer = getattr(signed_in(person), address.method)(url)
        if role in address.roles:
            assert answer.status_code == address.status, role
        elif role == SIGNED_OUT:
            assert (answer.status_code, answer.headers["Location"]) == (302, f"{reverse('desk:login')}?next={url}")
        else:
            assert answer.status_code == 403, role
            assert make.reread(case).version == case.version
        transaction.savepoint_rollback(point)


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
        return QueryDict(request.META["QUERY_STRING"])

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
