"""Every address for everybody: who is let in, who is sent to the door or refused; and nothing typed breaks a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

ANYBODY = tuple(Role.values)
READERS = ("reviewer", "supervisor", "auditor")
REVIEWERS = ("reviewer", "supervisor")
OFFICE = ("supervisor", "admin", "auditor")
SIGNED_OUT = "nobody"


@dataclass(frozen=True)
class Address:
    """One page or act: who may, and the answer they get for a case in the queue, with nothing typed."""

    name: str
    method: str
    roles: tuple[str, ...]
    status: int
    kind: str = ""


ADDRESSES = [
    Address("home", "get", ANYBODY, 302),
    Address("login", "get", (*ANYBODY, SIGNED_OUT), 200),
    Address("login", "post", (*ANYBODY, SIGNED_OUT), 422),
    Address("logout", "post", (*ANYBODY, SIGNED_OUT), 302),
    Address("language", "post", (*ANYBODY, SIGNED_OUT), 302),
    Address("keys", "post", ANYBODY, 302),
    Address("own_keys", "get", ANYBODY, 200),
    Address("set_own_keys", "post", ANYBODY, 302),
    Address("queue", "get", READERS, 200),
    Address("save_view", "post", READERS, 422),
    Address("conflict", "post", REVIEWERS, 422, "ref"),
    Address("end_conflict", "post", ("supervisor",), 404),
    Address("start", "post", REVIEWERS, 302),
    Address("case", "get", ANYBODY, 200, "ref"),
    Address("what_if", "get", ANYBODY, 200, "ref"),
    Address("opinion", "post", REVIEWERS, 422, "ref"),
    Address("documents", "get", ANYBODY, 200, "ref"),
    Address("add_documents", "post", REVIEWERS, 422, "ref"),
    Address("document", "get", ANYBODY, 200, "document"),
    Address("add_comment", "post", ("reviewer", "supervisor", "admin"), 422, "ref"),
    Address("similar", "get", ANYBODY, 200, "ref"),
    Address("lineage", "get", ANYBODY, 200, "ref"),
    Address("print_file", "get", ANYBODY, 200, "ref"),
    Address("people", "get", ANYBODY, 200),
    Address("notices", "get", ANYBODY, 200),
    Address("read_notices", "post", ANYBODY, 302),
    Address("claim", "post", REVIEWERS, 302, "ref"),
    Address("release", "post", REVIEWERS, 409, "ref"),
    Address("extend", "post", REVIEWERS, 409, "ref"),
    Address("decide", "post", REVIEWERS, 409, "ref"),
    Address("take_back", "post", REVIEWERS, 409, "ref"),
    *(
        Address(way, method, REVIEWERS, status, "ref")
        for way in ("escalate", "transfer", "snooze", "skip", "recuse")
        for method, status in (("get", 302), ("post", 422))
    ),
    Address("signers", "get", REVIEWERS, 200, "ref"),
    Address("goes_on", "post", REVIEWERS, 302),
    Address("phrases", "get", ("reviewer", "supervisor", "admin"), 200),
    Address("phrase_add", "post", ("reviewer", "supervisor", "admin"), 422),
    Address("phrase_remove", "post", ("reviewer", "supervisor", "admin"), 404, "phrase"),
    Address("information", "post", REVIEWERS, 409, "ref"),
    Address("withdraw", "post", ("supervisor", "admin"), 422, "ref"),
    Address("take_over", "post", ("supervisor",), 422, "ref"),
    Address("signoff_list", "get", ("supervisor", "auditor"), 200),
    Address("signoff", "get", ("supervisor", "auditor"), 302, "ref"),
    Address("sign", "post", ("supervisor",), 409, "ref"),
    Address("looks", "get", REVIEWERS, 200),
    Address("second_look_take", "post", REVIEWERS, 302),
    Address("second_look", "get", REVIEWERS, 404, "look"),
    Address("second_look_record", "post", REVIEWERS, 404, "look"),
    Address("disputes", "get", ("supervisor", "auditor"), 200),
    Address("dispute", "get", ("supervisor", "auditor"), 404, "look"),
    Address("dispute_model", "get", ("supervisor", "auditor"), 404, "look"),
    Address("dispute_settle", "post", ("supervisor",), 404, "look"),
    Address("signer", "get", REVIEWERS, 302, "ref"),
    Address("ask_signer", "post", REVIEWERS, 409, "ref"),
    Address("delegations", "get", ANYBODY, 200),
    Address("give_pen", "post", ("supervisor",), 422),
    Address("end_delegation", "post", REVIEWERS, 422),
    Address("ask_reopening", "post", REVIEWERS, 422, "ref"),
    Address("answer_reopening", "post", ("supervisor",), 422),
    Address("held", "get", READERS, 200),
    Address("held_case", "get", READERS, 302, "ref"),
    Address("return_held", "post", REVIEWERS, 409, "ref"),
    Address("supply", "post", REVIEWERS, 409, "ref"),
    Address("cases", "get", ANYBODY, 200),
    Address("imports", "get", OFFICE, 200),
    Address("upload", "post", ("supervisor", "admin"), 422),
    Address("rejected", "get", OFFICE, 200, "file"),
    Address("quality", "get", OFFICE, 200),
    Address("quality_rules", "get", OFFICE, 200),
    Address("quality_set", "post", ("admin",), 422),
    Address("sources", "get", OFFICE, 200),
    Address("source", "get", OFFICE, 200, "source"),
    Address("source_decided", "get", OFFICE, 200, "source"),
    Address("source_release", "post", ("supervisor", "admin"), 422, "source"),
    Address("source_set", "post", ("admin",), 422, "source"),
    Address("webhooks", "get", OFFICE, 200),
    Address("webhook_make", "post", ("admin",), 422),
    Address("webhook", "get", OFFICE, 404, "webhook"),
    Address("webhook_set", "post", ("admin",), 404, "webhook"),
    Address("webhook_act", "post", ("admin",), 404, "webhook"),
    Address("learning", "get", OFFICE, 200),
    Address("learning_labels", "get", OFFICE, 200),
    Address("learning_weights", "get", OFFICE, 200),
    Address("learning_weights_set", "post", ("admin",), 422),
    Address("learning_sets", "get", OFFICE, 200),
    Address("learning_build", "post", ("supervisor", "admin"), 302),
    Address("learning_proposal", "post", ("supervisor", "admin"), 302),
    Address("learning_set", "get", OFFICE, 404, "set"),
    Address("learning_set_file", "get", OFFICE, 404, "set file"),
    Address("learning_set_card", "get", OFFICE, 404, "set card"),
    Address("models", "get", ANYBODY, 200),
    Address("model_card", "get", ANYBODY, 200, "model"),
    Address("card_file", "get", ANYBODY, 200, "card"),
    Address("monitoring", "get", OFFICE, 200),
    Address("monitoring_feature", "get", OFFICE, 200, "feature"),
    Address("acknowledge", "post", ("supervisor", "admin"), 422, "look"),
    Address("breakers", "get", OFFICE, 200),
    Address("breaker_rules", "post", ("admin",), 422),
    Address("breaker", "get", OFFICE, 200, "breaker"),
    Address("breaker_ask", "post", ("supervisor", "admin"), 422, "breaker"),
    Address("breaker_answer", "post", ("supervisor", "admin"), 422, "breaker"),
    Address("breaker_pull", "post", ("supervisor",), 422, "breaker"),
    Address("breaker_open", "post", ("supervisor",), 302, "breaker"),
    Address("comparison", "get", OFFICE, 404, "two models"),
    Address("model_propose", "post", ("admin",), 409, "model"),
    Address("model_shadow", "post", ("admin",), 422, "model"),
    Address("model_split", "post", ("supervisor", "admin"), 422, "model"),
    Address("model_roll_back", "post", ("admin",), 422, "model"),
    Address("rescoring", "get", OFFICE, 200, "model"),
    Address("rescoring", "post", ("admin",), 422, "model"),
    Address("promotion", "get", OFFICE, 404, "promotion"),
    Address("promotion", "post", ("supervisor", "admin"), 404, "promotion"),
    Address("promotion_return", "post", ("supervisor", "admin"), 422, "promotion"),
    Address("capacity", "get", OFFICE, 200),
    Address("duty", "post", ("supervisor", "admin"), 422),
    Address("absence", "post", ("supervisor", "admin"), 422),
    Address("end_absence", "post", ("supervisor", "admin"), 404),
    Address("policy_promise", "get", OFFICE, 200, "policy"),
    Address("policy_promise", "post", ("admin",), 422, "policy"),
    Address("policies", "get", OFFICE, 200),
    Address("policy_new", "post", ("admin",), 404),
    Address("policy", "get", OFFICE, 200, "policy"),
    Address("policy_edit", "post", ("admin",), 409, "policy"),
    Address("policy_simulation", "post", OFFICE, 200, "policy"),
    Address("policy_test", "post", ("admin",), 409, "policy"),
    Address("policy_import", "post", ("admin",), 409, "table"),
    Address("policy_order", "post", ("admin",), 409, "policy"),
    Address("policy_propose", "post", ("admin",), 409, "policy"),
    Address("policy_return", "post", ("supervisor", "admin"), 422, "policy"),
    Address("policy_roll_back", "post", ("supervisor", "admin"), 422, "policy"),
    Address("policy_approval", "get", OFFICE, 302, "policy"),
    Address("policy_approval", "post", ("supervisor", "admin"), 409, "policy"),
    Address("policy_exploration", "post", ("supervisor", "admin"), 404, "policy"),
    Address("policy_table", "get", OFFICE, 200, "table file"),
    Address("bulk", "get", REVIEWERS, 200),
    Address("bulk_act", "post", REVIEWERS, 422),
    Address("bulk_undo", "post", REVIEWERS, 422),
    Address("desk_rules", "get", OFFICE, 200),
    Address("set_rules", "post", ("admin",), 422),
    Address("team", "get", OFFICE, 200),
    Address("hand_over", "post", ("supervisor",), 422),
    Address("even_out", "post", ("supervisor",), 422),
    Address("overrides", "get", OFFICE, 200),
    Address("overrides_file", "get", OFFICE, 200),
    Address("reviewers", "get", OFFICE, 200),
    # Of the reviewer's own: somebody else's is refused, which tests/desk/test_reviewers.py holds.
    Address("reviewer", "get", ANYBODY, 200, "username"),
    Address("overview", "get", ("supervisor", "admin", "auditor"), 200),
]
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
        if address.kind in ("look", "phrase", "source", "breaker", "model", "promotion", "webhook"):
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
