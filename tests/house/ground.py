"""One of each thing that an address names, and the people who ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from cases.documents import add_document
from cases.models import Case, Document, User
from cases.states import Role
from intake.models import Batch, MappingVersion, Source
from routing.models import Policy
from scoring.ml.drift import make_reference
from scoring.models import Breaker, ModelReference, ModelVersion
from tests import make
from tests.cases.files import PDF_FILE
from tests.house.addresses import SIGNED_OUT, Address


def people() -> dict[str, User | None]:
    """One person of each role, and nobody."""
    return {SIGNED_OUT: None, **{role.value: make.user(f"any-{role.value}", role) for role in Role}}


@contextmanager
def case_with_document(folder: Path) -> Iterator[Case]:
    """A case in the queue, with a document in a folder of its own. A champion and a policy are in force."""
    stores: dict[str, Any] = settings.STORAGES
    kept = {**stores["attachments"], "OPTIONS": {"location": str(folder)}}
    with override_settings(STORAGES={**stores, "attachments": kept}):
        waiting, by = make.queued_case(), make.user("brings-documents", Role.REVIEWER)
        model = ModelVersion.objects.get()
        Breaker.objects.create(model=model, segment="source=los", signs=[], since=timezone.now())
        made = make_reference(["annual_income"], np.ones((300, 1)), np.zeros(300))
        ModelReference.objects.create(model=model, origin="first_cases", rows=made.rows, content=made.to_dict())
        add_document(waiting.pk, by=by, name="slip.pdf", content=PDF_FILE)
        yield make.reread(waiting)


def file() -> Batch:
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
