"""The migrations say what the models and the machine say."""

from __future__ import annotations

from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command

from cases.models import Case


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue() == "No changes detected\n"


def test_the_database_knows_exactly_the_edges_of_the_machine() -> None:
    edges = import_module("cases.migrations.0016_rescoring").EDGES
    declared = {f"{each.source}>{each.target}" for each in Case._meta.get_field("state").get_all_transitions(Case)}
    assert set(edges) == declared
    assert len(edges) == len(declared)
