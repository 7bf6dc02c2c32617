"""Opinions of people on record become one figure about the champion, and a draft that others must sign."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases import actions
from cases.models import User
from cases.opinions import record_opinion
from learning.early_caution_reading import Said, _stands_for, own_share, said_of_champion
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make

EACH = 10


def told(*given: str) -> dict[str, object]:
    out = StringIO()
    call_command("early_caution", "--json", *given, stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def test_three_people_who_say_more_than_the_model_lead_to_a_draft_with_lower_lines(
    champion: ModelVersion, policy: Policy, reviewer: User, second_reviewer: User, supervisor: User, admin: User
) -> None:
    make.desk_rules(admin, opinion_share=1.0)
    people = (reviewer, second_reviewer, supervisor)
    waiting = make.cases(EACH * len(people), key_customer=True)
    make.run_machine()
    for place, case in enumerate(waiting):
        if place == EACH * len(people) - 1:
            assert said_of_champion(champion.product) == Said(champion, 0.0, None)
            assert told() == {
                "model": str(champion), "own_share": 0.0, "is_over": False, "caution": 0.0, "caution_in_force": 0.0,
                "lines_in_force": [0.12, 0.16], "lines_proposed": [0.12, 0.16],
            }  # fmt: skip
        person = people[place % len(people)]
        held = actions.claim_case(case.pk, by=person)
        record_opinion(held.pk, by=person, lean="decline", band=2 + place // 3 % 3, seen_version=held.version)
        actions.release_case(held.pk, by=person)
    said = said_of_champion(champion.product)
    assert said is not None
    assert said.found is not None
    assert (said.found.people, said.found.opinions, said.found.pairs) == (3, EACH * 3, 0)
    assert said.found.effective == pytest.approx(EACH * 3)
    assert 0.2 < said.found.low < said.caution == said.found.shift < said.found.high

    with pytest.raises(CommandError, match="--by"):
        told("--draft")
    before = Policy.objects.count()
    found = told("--draft", "--by", admin.username)
    draft = Policy.objects.latest("pk")
    assert (Policy.objects.count(), found["draft"], draft.status) == (before + 1, str(draft), "draft")
    assert draft.terms == {**policy.terms, "caution": round(said.caution, 2)}
    assert (draft.drafted_by, draft.based_on) == (admin, policy)
    assert Policy.objects.get(pk=policy.pk).status == "active"


def test_an_opinion_that_the_lot_alone_asked_for_stands_for_one_in_so_many() -> None:
    assert _stands_for(["draw"], 0.25) == 4.0
    assert _stands_for(["draw", "grey_band"], 0.25) == 1.0
    assert _stands_for(None, None) == 1.0


def test_a_model_whose_set_is_not_on_record_learned_nothing_here(champion: ModelVersion) -> None:
    assert own_share(champion) == 0.0
