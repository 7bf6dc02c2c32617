"""A mapping that was signed before its pattern was refused: looked at and compared, never run, and told so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.errors import BadDecision
from cases.models import Case, User
from intake.mapped import mapping_file
from intake.mapped.case_mapping import MappingError
from intake.models import SourceMapping
from intake.reading.rows import read_rows
from intake.recognition.mapping import mapping_as_data, read_mapping
from intake.record.past_rows import comparison_of
from intake.record.signed import signed_mapping
from intake.signing import mapping_life
from intake.signing.mapping_life import edit_mapping, propose_mapping, roll_back_mapping, sign_mapping
from tests import mapped
from tests.intake.places import NOW

HOSTILE = "(a+)+$"


def signed_long_ago(slug: str, admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> SourceMapping:
    """A signed version from before patterns and samples were looked at; its cases' reference is read by a pattern that
    is refused now."""
    with monkeypatch.context() as before:
        before.setattr(mapping_file, "safe_pattern", re.compile)
        before.setattr(mapping_life, "refuse_unreadable", lambda _mapping: None)
        made = mapped.drafted(slug, by=admin)
        content: dict[str, Any] = made.content
        content["fields"]["external_ref"]["pattern"] = HOSTILE
        made = edit_mapping(slug, made.number, content, by=admin, seen=made.sha256)
        comparison = comparison_of(made)
        made = propose_mapping(
            slug, made.number, by=admin, seen=made.sha256, comparison=comparison, reason=mapped.REASON
        )
        return sign_mapping(
            slug, made.number, by=supervisor, comparison_sha256=made.comparison_sha256, reason=mapped.REASON
        )


def test_it_is_shown_and_replaced_and_reads_nothing(
    admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = signed_long_ago("los", admin, supervisor, monkeypatch)
    table = mapped.table_of_sample()
    with pytest.raises(MappingError) as refusal:
        signed_mapping(table, "los")
    assert refusal.value.code == "mapping_refused_now"
    for language in ("en", "zh-hans"):
        said = refusal.value.sentence(language)
        assert HOSTILE in said
        assert "fields.external_ref.pattern" in said
    kept = read_mapping(old.content, source="los", kept=True)
    fields: Any = mapping_as_data(kept)["fields"]
    assert fields["external_ref"] == old.content["fields"]["external_ref"]
    codes = {error.code for row in read_rows(table, kept, now=NOW) for error in row.errors}
    assert "pattern_refused" in codes
    client = Client()
    client.force_login(admin)
    page = client.get(reverse("desk:mapping", args=["los", old.number]))
    assert page.status_code == 200
    assert "This version is not taken any more" in page.content.decode()
    made = client.post(reverse("desk:mapping_new", args=["los"]), {"act": "copy", "of": str(old.number)})
    assert made.status_code == 302
    draft = SourceMapping.objects.latest("pk")
    assert "pattern" not in draft.content["fields"]["external_ref"]
    assert comparison_of(draft)["became_good"] == 2
    again = mapped.proposed("los", by=admin)
    sign_mapping("los", again.number, by=supervisor, comparison_sha256=again.comparison_sha256, reason=mapped.REASON)
    assert signed_mapping(table, "los") is not None
    with pytest.raises(BadDecision):
        roll_back_mapping("los", old.number, by=supervisor, reason=mapped.REASON)
    assert SourceMapping.objects.get(status="in_force").number == again.number
    assert Case.objects.count() == 0
