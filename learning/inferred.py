"""Inferred outcomes of declined cases: worked out for a look, and kept as labels that nothing may learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Avg, F
from django.utils import timezone
from numpy.typing import NDArray

from cases.draws import draws
from cases.errors import NotAllowed
from cases.locks import hold
from cases.models import Case, User
from cases.states import Kind, Outcome, Role
from learning.label_models import MATURED, Exclusion, Source
from learning.label_weights import weights_in_force
from learning.matured import window_end
from learning.models import Label
from learning.parcels import Parcel, inferred_bads, parcels_of
from routing.actions import active_policy
from routing.life import readable_terms
from scoring.models import Assessment

ARM: Final = "inferred"
NEWEST: Final = 1000


@dataclass(frozen=True)
class Inference:
    """What declined cases whose window is over would have come to: `cases` (n,) with `bad` (n,), 1, 0 or NaN."""

    product: str
    factor: float
    cut_off: float | None
    parcels: tuple[Parcel, ...]
    cases: tuple[int, ...]
    bad: NDArray[np.float64]

    @property
    def name(self) -> str:
        """Who gave such labels: the method with its assumption."""
        return f"parcelling x{self.factor:g}"


def infer_outcomes(product: str, *, factor: float) -> Inference:
    """Work out the outcomes of the product's declined applications, whose performance window would be over, if they
    had paid `factor` times as badly as granted loans of their band. Writes nothing. ValueError unless the factor lies
    above 0.
    """
    now = timezone.now()
    scored = Case.objects.filter(product=product, kind=Kind.APPLICATION, pd__isnull=False)
    dated = scored.filter(outcome=Outcome.DECLINE).order_by("pk").values_list("pk", "pd", "applied_at", "term_months")
    ripe = [(key, pd) for key, pd, applied_at, months in dated if window_end(applied_at, months) <= now]
    known = Label.objects.filter(case__in=scored, source__in=MATURED).order_by("case_id", "-observed_at", "-pk")
    loans = list(known.distinct("case_id").values_list("case__pd", "is_bad", "source"))
    declined = np.array([pd for _key, pd in ripe], dtype=np.float64)
    cut_off = _cut_off(product)
    parcels = parcels_of(
        declined,
        np.array([pd for pd, _bad, _source in loans], dtype=np.float64),
        np.array([bad for _pd, bad, _source in loans], dtype=np.bool_),
        np.array([source == Source.EXPLORATION for _pd, _bad, source in loans], dtype=np.bool_),
        factor=factor,
        cut_off=cut_off,
    )
    keys = tuple(key for key, _pd in ripe)
    # No secret is needed: anybody may repeat the draw, and nothing hangs on foreseeing it.
    drawn = draws(f"{product} {factor:g}", ARM, [f"CR-{key}" for key in keys])
    return Inference(product, factor, cut_off, parcels, keys, inferred_bads(declined, drawn, parcels))


def keep_inferred(found: Inference, *, by: User) -> int:
    """Keep what was inferred as labels of source `inferred`, excluded from every training set; the database refuses
    them there, and on a case that was not declined. What was kept at this factor before stays. Returns how many came.

    Two at once: the second waits, and finds the first one's. Raises NotAllowed unless `by` is an administrator.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    now, weights = timezone.now(), weights_in_force()
    with transaction.atomic(durable=True):
        hold(f"inferred labels of {found.product}")
        there = set(Label.objects.filter(source=Source.INFERRED, given_by=found.name).values_list("case_id", flat=True))
        # A case that was opened again since is left out.
        declined = Case.objects.select_for_update().filter(pk__in=found.cases, outcome=Outcome.DECLINE).order_by("pk")
        mine = set(declined.values_list("pk", flat=True)) - there
        labels = [
            Label(
                case_id=key, source=Source.INFERRED, is_bad=bool(bad), exclusion=Exclusion.INFERRED, observed_at=now,
                weights_id=weights.pk, person=by, given_by=found.name,
            )
            for key, bad in zip(found.cases, found.bad.tolist(), strict=True)
            if key in mine and not np.isnan(bad)
        ]  # fmt: skip
        return len(Label.objects.bulk_create(labels, batch_size=1000))


def _cut_off(product: str) -> float | None:
    """The policy's line at which approving earns nothing, else the mean of the newest cases' own; None without any."""
    policy = active_policy(product)
    terms = readable_terms(policy) if policy else None
    if terms is not None and terms.cut_off:
        return terms.cut_off
    newest = Assessment.objects.filter(model__product=product, cut_off__gt=0).order_by("-id")[:NEWEST]
    mean = Assessment.objects.filter(pk__in=newest.values("pk")).aggregate(mean=Avg(F("cut_off")))["mean"]
    return float(mean) if mean else None
