"""What every page of the desk costs: the queries it asks, on a desk with something of everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Document, SecondLook, User
from cases.sealed import seal
from cases.states import Role
from desk.tabs import VIEWS
from desk.urls import urlpatterns
from intake.models import Batch, Connector, Source, SourceMapping
from learning.models import TrainingSet
from learning.set_building import build_training_set
from outgoing.feeds import make_feed
from outgoing.models import DecisionFeed, Webhook
from outgoing.webhooks import make_webhook
from routing.models import Policy
from scoring.ml.drift import make_reference
from scoring.models import Breaker, ModelReference, ModelVersion, Promotion
from tests import make, mapped
from tests.desk.busy_desk import People, busy_desk
from tests.desk.conftest import SignsIn

MOST_QUERIES: Final = 12
# Doors, and acts without a page of their own: nothing is shown at their address.
NOT_SHOWN: Final = {"home"}
OF_EVERY_CASE: Final = {"case", "print_file", "similar", "signoff"}
OF_SOME: Final = ("mine", "blind", "signed_once", "held", "queued")
# What follows the address of a page.
MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "queue": (
        *(f"?view={view}" for view in VIEWS),
        "?view=open&q=%E5%BC%A0",
        "?view=open&sort=due&sla=late&product=consumer&region=CA&least=1&most=100000",
    ),
    "case": ("?view=mine", "?view=view%3Dopen%26q%3D%25E5%25BC%25A0"),
    "documents": ("?check=1",),
    "cases": ("?q=%E5%BC%A0", "?state=queued"),
    "team": ("?span=1", "?span=30"),
    "mapping": ("?compare=1",),
    "mapping_codes": ("?of=fields.amount",),
}


@pytest.fixture(autouse=True)
def attachments(tmp_path: Path, settings: Any) -> None:
    own = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": own}


@pytest.fixture
def people(reviewer: User, second_reviewer: User, supervisor: User, admin: User) -> People:
    second_supervisor = make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)
    return People(reviewer, second_reviewer, supervisor, second_supervisor, admin)


def arguments(name: str, route: str, cases: Mapping[str, Case]) -> list[dict[str, Any]]:
    """Everything that the address of the page `name` may be given."""
    if "<str:ref>/documents/<int" in route:
        document = Document.objects.select_related("case").latest("pk")
        return [{"ref": document.case.ref, "document_id": document.pk}]
    if "<str:ref>" in route:
        chosen = cases if name in OF_EVERY_CASE else {key: cases[key] for key in OF_SOME}
        return [{"ref": case.ref} for case in chosen.values()]
    if "<str:username>" in route:
        return [{"username": "reviewer"}]
    if "<int:look_id>" in route:
        return [{"look_id": look.pk} for look in SecondLook.objects.all()]
    if "<int:policy_id>" in route:
        table = {"table": "rules"} if "<slug:table>" in route else {}
        form = {"form": "csv"} if "<slug:form>" in route else {}
        return [{"policy_id": policy.pk, **table, **form} for policy in Policy.objects.all()]
    if "<int:alarm_id>" in route:
        return [{"alarm_id": 1}]
    if "<int:breaker_id>" in route:
        return [{"breaker_id": Breaker.objects.get().pk}]
    if "<slug:feature>" in route:
        return [{"version_id": ModelVersion.objects.earliest("number").pk, "feature": "annual_income"}]
    if "<int:challenger_id>" in route:
        champion, challenger = ModelVersion.objects.order_by("number")
        return [{"version_id": champion.pk, "challenger_id": challenger.pk}]
    if "<int:version_id>" in route:
        language = {"language": "en"} if "language" in route else {}
        return [{"version_id": model.pk, **language} for model in ModelVersion.objects.all()]
    if "<int:promotion_id>" in route:
        return [{"promotion_id": promotion.pk} for promotion in Promotion.objects.all()]
    if "<int:set_id>" in route:
        more = {"form": "csv"} if "<slug:form>" in route else {"language": "en"} if "<str:language>" in route else {}
        return [{"set_id": dataset.pk, **more} for dataset in TrainingSet.objects.all()]
    if "<int:file_id>" in route:
        return [{"file_id": Batch.objects.latest("pk").pk}]
    if name == "feed":
        return [{"slug": DecisionFeed.objects.get().slug}]
    if name == "webhook":
        return [{"slug": Webhook.objects.get().slug}]
    if "<int:number>" in route:
        return [{"slug": each.source.slug, "number": each.number} for each in SourceMapping.objects.all()]
    if "<slug:slug>" in route:
        return [{"slug": source.slug} for source in Source.objects.all()]
    return [{"phrase_id": 1}] if "<int:phrase_id>" in route else [{}]


def watched_model() -> None:
    """The model has a reference, and one breaker is open."""
    model = ModelVersion.objects.get()
    made = make_reference(["annual_income"], np.ones((300, 1)), np.zeros(300))
    ModelReference.objects.create(model=model, origin="first_cases", rows=made.rows, content=made.to_dict())
    Breaker.objects.create(model=model, segment="source=branch-los", signs=[], since=timezone.now())


def asked_for(client: Client, path: str) -> tuple[int, int]:
    """The status of the answer, and how many queries it took."""
    asked = []

    def count(execute: Any, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(count):
        status = client.get(path).status_code
    return status, len(asked)


def test_no_page_of_the_desk_asks_more_than_twelve_queries(
    ground: Policy, people: People, auditor: User, signs_in: SignsIn
) -> None:
    cases = busy_desk(people)
    make.proposed(people.admin, sla_hours=8)
    watched_model()
    make_webhook(
        slug="crm",
        url="https://crm.example.com/x",
        types=["case.queued"],
        by=people.admin,
        reason="for this very test",
    )
    said = {"kind": "redis", "address": "redis://127.0.0.1", "target": "t", "most_kept": ""}
    make_feed(slug="core", by=people.admin, reason="for this very test", **said)
    known = {"query": "SELECT 1", "watermark": "a", "key": "b"}
    Connector.objects.create(source=Source.objects.all()[0], kind="sql", address=seal("sqlite:///x"), settings=known)
    champion = ModelVersion.objects.get()
    challenger = make.without_file(champion)
    promotion = make.proposed_model(challenger, champion, by=people.admin)
    assert promotion.comparison_sha256
    build_training_set("consumer")
    mapped.drafted("branch-los", by=people.admin)
    mapped.proposed("branch-los", by=people.admin)
    make.cases(60)
    make.run_machine()
    # The second reviewer has been given a second look.
    one_of_each = (people.reviewer, people.second_reviewer, people.supervisor, people.admin, auditor)
    everybody = {user.username: signs_in(user) for user in one_of_each}
    # The second supervisor signs what the first one has signed already.
    concerned = {
        user.username: signs_in(user) for user in (people.reviewer, people.supervisor, people.second_supervisor)
    }
    shown, acts, costly = set(), set(), []
    for pattern in urlpatterns:
        name, route = str(pattern.name), str(pattern.pattern)
        if getattr(pattern.callback, "page_of", ""):
            continue  # an act: its address leads to its page
        for given in arguments(name, route, cases):
            for more in ("", *MORE.get(name, ())):
                path = reverse(f"desk:{name}", kwargs=given) + more
                for username, client in (concerned if "ref" in given else everybody).items():
                    status, queries = asked_for(client, path)
                    shown |= {name} if status == 200 else set()
                    acts |= {name} if status == 405 else set()
                    if queries > MOST_QUERIES:
                        costly.append((queries, path, username))
    assert costly == []
    pages = {str(each.name) for each in urlpatterns if not getattr(each.callback, "page_of", "")} - acts
    assert pages - shown == NOT_SHOWN
