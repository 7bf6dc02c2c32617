"""Settled blind reviews as labels: what people agree on without having seen the model. Never y, and kept apart from it.

An override may be counted as agreed evidence only where two or more people came to its outcome blind: who looked a
second time (they see neither the decision nor the model's part), and who said what they think before they saw the
score. A judge who settles a dispute has heard both sides and is not blind. Where experts are consistent one may learn
from them beside outcomes (De-Arteaga et al. 2025, label amalgamation); elsewhere their view is evidence of nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from cases.models import Opinion, SecondLook
from learning.label_models import Exclusion, Source
from learning.models import Label

CHUNK: Final = 500
BLIND_LEAST: Final = 2
BY_MACHINE: Final = "riskreview"


def settled_looks() -> QuerySet[SecondLook]:
    """Second looks that agree with the decision, or about which a third person has said which view holds."""
    done = SecondLook.objects.filter(done_at__isnull=False)
    return done.filter(Q(outcome=F("review__outcome")) | Q(adjudication__isnull=False))


def label_blind_reviews() -> int:
    """Give every settled second look its label. Returns how many were written.

    Two sweeps at once: each locks its own rows, and a label that the other wrote since is one to one and skipped.
    """
    with transaction.atomic(durable=True):
        free = settled_looks().filter(label__isnull=True).select_related("adjudication")
        looks = list(free.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:CHUNK])
        views = blind_views(looks)
        labels = [_label(look, views[look.case_id]) for look in looks]
        return len(Label.objects.bulk_create(labels, ignore_conflicts=True))


def blind_views(looks: Iterable[SecondLook]) -> Mapping[int, Mapping[int, str]]:
    """By case and person the outcome they came to blind; their last where they said several. Unsure is no view."""
    cases = [look.case_id for look in looks]
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for opinion in Opinion.objects.filter(case__in=cases).exclude(lean="unsure").order_by("pk"):
        found[opinion.case_id][opinion.person_id] = opinion.lean
    done = SecondLook.objects.filter(case__in=cases, done_at__isnull=False).order_by("pk")
    for case, looker, outcome in done.values_list("case", "looker", "outcome"):
        if looker is not None:
            found[case][looker] = outcome
    return found


def _label(look: SecondLook, views: Mapping[int, str]) -> Label:
    adjudication = getattr(look, "adjudication", None)
    outcome = adjudication.outcome if adjudication else look.outcome
    agreeing = sum(view == outcome for view in views.values())
    return Label(
        case_id=look.case_id,
        source=Source.BLIND_REVIEW,
        outcome=outcome,
        second_look=look,
        person_id=adjudication.judge_id if adjudication else look.looker_id,
        blind_agreeing=agreeing,
        is_agreed=agreeing >= BLIND_LEAST,
        observed_at=adjudication.at if adjudication else look.done_at or look.drawn_at,
        exclusion=Exclusion.NOT_REPAYMENT,
        given_by=BY_MACHINE,
    )
