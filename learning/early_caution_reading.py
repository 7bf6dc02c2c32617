"""Reading the blind opinions on a product's cases, and what they say of its champion (`learning/early_caution.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cases.models import CaseEvent, Opinion, SecondLook
from cases.states import Kind
from learning.early_caution import OWN_SHARE, EarlyCaution, Views, early_caution
from learning.models import TrainingSetRow
from routing.models import Route
from routing.opinion_first import DRAWN
from scoring.models import Assessment, ModelVersion, ShadowScore


@dataclass(frozen=True)
class Said:
    """What people say of a champion: of the bad loans that it learned from, the share `own_share` that was assessed
    here (0.0 where its training set is not on record); `found` is None where too few people have given an opinion, or
    where it has outcomes of its own that speak for it."""

    model: ModelVersion
    own_share: float
    found: EarlyCaution | None

    @property
    def is_over(self) -> bool:
        """Whether outcomes have taken the place of opinions."""
        return self.own_share >= OWN_SHARE

    @property
    def caution(self) -> float:
        """By how many log-odds the lines should be lowered."""
        return self.found.caution if self.found else 0.0


def said_of_champion(product: str) -> Said | None:
    """What people say of the model in force; None where there is none. At most four statements."""
    model = ModelVersion.objects.filter(product=product, status=ModelVersion.Status.CHAMPION).first()
    if model is None:
        return None
    share = own_share(model)
    return Said(model, share, None if share >= OWN_SHARE else early_caution(views_of(model)))


def own_share(model: ModelVersion) -> float:
    """Of the bad loans that a model learned from, the share whose case was routed here."""
    learned = TrainingSetRow.objects.filter(dataset__sha256=model.dataset_sha256, label__is_bad=True)
    routed = learned.annotate(own=Exists(Route.objects.filter(case=OuterRef("label__case")))).values_list("own")
    own = [bool(each) for (each,) in routed]
    return sum(own) / len(own) if own else 0.0


def views_of(model: ModelVersion) -> Views:
    """Opinions given before the score was seen, and blind second looks, on applications that the model scored, live or
    in shadow. Who was asked by lot alone stands for as many as the chance of the draw says."""
    asked = CaseEvent.objects.filter(case=OuterRef("case"), facts__has_key="opinion_first").order_by("-seq")
    first = _scored(Opinion.objects.all(), model).annotate(
        because=Subquery(asked.values("facts__opinion_first__because")[:1]),
        chance=Subquery(asked.values("facts__opinion_first__share")[:1]),
    )
    second = _scored(SecondLook.objects.filter(done_at__isnull=False, band__isnull=False), model)
    columns = ("case", "log_odds", "band")
    rows = [(*row, 1.0) for row in second.values_list("looker", *columns)]
    for *row, because, chance in first.values_list("person", *columns, "because", "chance"):
        rows.append((*row, _stands_for(because, chance)))
    person, case, log_odds, band, weight = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return Views(person.astype(np.int64), case.astype(np.int64), log_odds, band.astype(np.int64), weight)


def _scored(views: QuerySet[Any], model: ModelVersion) -> QuerySet[Any]:
    here = views.order_by("pk").filter(case__product=model.product, case__kind=Kind.APPLICATION)
    said = (kind.objects.filter(case=OuterRef("case"), model=model) for kind in (Assessment, ShadowScore))
    latest = Coalesce(*(Subquery(each.order_by("-case_version").values("log_odds")[:1]) for each in said))
    found: QuerySet[Any] = here.annotate(log_odds=latest).filter(log_odds__isnull=False)
    return found


def _stands_for(because: list[str] | None, chance: float | None) -> float:
    """Other causes than the lot ask for every such opinion."""
    return 1.0 / chance if chance and because == [DRAWN] else 1.0
