"""What the database itself refuses of a mapping's versions, and which mapping reads a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.errors import BadDecision, CaseMoved, FourEyes, NotAllowed, StaleCase
from cases.models import User
from cases.states import Role
from intake.admission.files import take_in_file
from intake.models import MappingStep, SourceMapping
from intake.signing.mapping_life import discard_mapping, edit_mapping, propose_mapping, roll_back_mapping, sign_mapping
from tests import make, mapped
from tests.intake.silent import silent

REASON = mapped.REASON


def refused(act: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_keeps_what_was_proposed_and_lets_nobody_sign_what_they_made(
    db: None, admin: User, supervisor: User
) -> None:
    other = make.user("second_admin", Role.ADMIN)
    made = mapped.drafted("branch", by=admin)
    edited = {**made.content, "about": "loans of the branch"}
    edit_mapping("branch", 1, edited, by=other, seen=made.sha256)
    version = SourceMapping.objects.filter(pk=made.pk)
    refused(lambda: version.update(status="in_force"))
    proposed = mapped.proposed("branch", by=admin)
    version = SourceMapping.objects.filter(pk=proposed.pk)
    refused(lambda: version.update(content={}))
    refused(lambda: version.update(comparison={}))
    refused(lambda: version.update(status="in_force", signed_by=admin))
    refused(lambda: version.update(status="retired", signed_by=supervisor))
    refused(version.delete)
    refused(lambda: MappingStep.objects.update(reason="another reason"))
    sign_mapping("branch", 2, by=supervisor, comparison_sha256=proposed.comparison_sha256, reason=REASON)
    assert list(SourceMapping.objects.order_by("number").values_list("status", flat=True)) == ["draft", "in_force"]


def test_a_mapping_that_reads_not_one_row_of_its_sample_is_not_proposed(db: None, admin: User) -> None:
    made = mapped.drafted("branch", by=admin, text="loan,score\nA-1,612\n")
    comparison = {"of": made.sha256, "against": None}
    with pytest.raises(BadDecision, match="Not one row of the sample can be read by it"):
        propose_mapping("branch", 1, by=admin, seen=made.sha256, comparison=comparison, reason=REASON)
    made.refresh_from_db()
    assert (made.status, made.comparison, list(MappingStep.objects.values_list("name", flat=True))) == (
        "draft",
        None,
        ["draft"],
    )


def test_a_draft_is_discarded_for_good_and_by_whoever_saw_it_last(db: None, admin: User, supervisor: User) -> None:
    made = mapped.drafted("branch", by=admin)
    for by, seen, refusal in (
        (supervisor, made.sha256, NotAllowed),
        (admin, "of another day", StaleCase),
    ):
        with pytest.raises(refusal):
            discard_mapping("branch", 1, by=by, seen=seen, reason=REASON)
    with pytest.raises(BadDecision):
        discard_mapping("branch", 1, by=admin, seen=made.sha256, reason="short")
    assert SourceMapping.objects.get().status == "draft"
    assert discard_mapping("branch", 1, by=admin, seen=made.sha256, reason=REASON).status == "discarded"
    assert list(MappingStep.objects.values_list("name", "reason")) == [("draft", ""), ("discard", REASON)]
    with pytest.raises(CaseMoved):
        edit_mapping("branch", 1, made.content, by=admin, seen=made.sha256)
    version = SourceMapping.objects.filter(pk=made.pk)
    refused(lambda: version.update(content={}))
    refused(lambda: version.update(status="draft"))
    assert mapped.drafted("branch", by=admin).number == 2


def test_who_edited_a_draft_does_not_sign_it_and_a_reviewer_signs_none(db: None, admin: User, reviewer: User) -> None:
    other = make.user("second_admin", Role.ADMIN)
    made = mapped.proposed("branch", by=admin)
    MappingStep.objects.create(mapping=made, name="edit", actor=other)
    seen = made.comparison_sha256
    with pytest.raises(FourEyes):
        sign_mapping("branch", 1, by=other, comparison_sha256=seen, reason=REASON)
    with pytest.raises(NotAllowed):
        sign_mapping("branch", 1, by=reviewer, comparison_sha256=seen, reason=REASON)
    refused(lambda: SourceMapping.objects.update(status="in_force", signed_by=other))
    assert SourceMapping.objects.get().status == "proposed"


def test_one_person_undoes_the_last_change_and_no_other(db: None, admin: User, supervisor: User) -> None:
    for number in (1, 2, 3):
        made = mapped.proposed("branch", by=admin)
        seen = made.comparison_sha256
        sign_mapping("branch", number, by=supervisor, comparison_sha256=seen, reason=REASON)
    with pytest.raises(FourEyes):
        roll_back_mapping("branch", 1, by=supervisor, reason=REASON)
    assert SourceMapping.objects.get(status="in_force").number == 3
    assert roll_back_mapping("branch", 2, by=supervisor, reason=REASON).status == "in_force"
    assert SourceMapping.objects.get(status="in_force").number == 2


def test_a_file_of_the_senders_own_comes_before_what_is_signed(
    db: None, admin: User, supervisor: User, tmp_path: Path
) -> None:
    made = mapped.proposed("branch", by=admin)
    sign_mapping("branch", 1, by=supervisor, comparison_sha256=made.comparison_sha256, reason=REASON)
    path, own = tmp_path / "loans.csv", tmp_path / "own.yaml"
    path.write_text(mapped.SAMPLE, encoding="utf-8")
    own.write_text("fields: {external_ref: {column: 合同号}}\n", encoding="utf-8")
    by_own = take_in_file(path, source="branch", mapping=str(own), by=None, bars=silent)
    by_signed = take_in_file(path, source="branch", mapping=None, by=None, bars=silent)
    names = [each.file and each.file.mapping and each.file.mapping.name for each in (by_own, by_signed)]
    assert (names, by_own.rejected, by_signed.rejected) == (["own.yaml", "signed 1"], 3, 1)
