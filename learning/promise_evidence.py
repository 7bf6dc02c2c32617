"""What is known of how loans ended that the model had not seen when it scored them: what promises rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.models import Exists, OuterRef
from django.utils import timezone

from learning.label_models import MATURED
from learning.models import HeldOutScore, Label
from routing.actions import terms_of
from routing.models import Policy, Route
from routing.promise_evidence import Evidence
from routing.table.columns import word_of
from routing.terms import Terms
from scoring.ml.calibration import sigmoid
from scoring.models import ModelVersion

SEGMENTS: Final = {
    "region": "case__region",
    "industry": "case__industry",
    "channel": "case__channel",
    "applicant_segment": "case__applicant__segment",
}
LOAN: Final = ("case__amount", "case__applied_at", *SEGMENTS.values())
ROUTED: Final = (
    "way", "is_audit", "row", "capacity", "audit_probability", "is_exploration", "exploration_probability",
)  # fmt: skip
Way = Callable[[int | None, Mapping[str, Any]], str]


class _Loan(NamedTuple):
    """A loan of the evidence before it is known how it ended."""

    case: int
    pd: float
    weight: float
    explored: bool
    live: bool
    about: tuple[Any, ...]  # the fields of LOAN


def evidence_for(product: str, model: ModelVersion) -> Evidence:
    """What is known of a model's PDs on loans that it had not seen: training loans by the models that were trained
    without them, and cases that it scored here and that matured since.

    Only loans that were granted have an outcome; see `Evidence` for what a promise then is about. An outcome counts as
    it was last restated. A case that is both is a training loan: the model has seen it by now. Approvals by lot weigh
    one over their chance. Where the audit draws from the machine's approvals, those drawn are left out and the others
    weigh one over the chance of not being drawn: what people stopped among the drawn has no outcome.
    """
    known = _outcomes(product)
    held_out = list(_held_out(product, model))
    seen = {loan.case for loan in held_out}
    loans = [*held_out, *(loan for loan in _live(product, model) if loan.case not in seen)]
    loans = [loan for loan in loans if loan.case in known]
    about = list(zip(*(loan.about for loan in loans), strict=True)) or [()] * len(LOAN)
    observed = [known[loan.case][1] for loan in loans]
    return Evidence(
        pd=np.array([loan.pd for loan in loans], dtype=np.float64),
        bad=np.array([known[loan.case][0] for loan in loans], dtype=np.bool_),
        weight=np.array([loan.weight for loan in loans], dtype=np.float64),
        exposure=np.array([float(amount) for amount in about[0]], dtype=np.float64),
        explored=np.array([loan.explored for loan in loans], dtype=np.bool_),
        live=np.array([loan.live for loan in loans], dtype=np.bool_),
        segments={
            name: np.array([word_of(word) for word in words], dtype=np.str_)
            for name, words in zip(SEGMENTS, about[2:], strict=True)
        },
        model=str(model),
        model_sha256=model.sha256,
        since=_day(min(about[1], default=None)),
        until=_day(max(about[1], default=None)),
        as_of=_day(max(observed, default=None)),
    )


def _day(at: datetime | None) -> str:
    return timezone.localdate(at).isoformat() if at else ""


def _outcomes(product: str) -> dict[int, tuple[bool, datetime]]:
    """Whether each loan turned bad, and when that was observed; as last restated."""
    labels = Label.objects.filter(case__product=product, source__in=MATURED)
    latest = labels.order_by("case_id", "-observed_at", "-id").distinct("case_id")
    return {key: (bool(bad), at) for key, bad, at in latest.values_list("case_id", "is_bad", "observed_at")}


def _held_out(product: str, model: ModelVersion) -> Iterable[_Loan]:
    found = HeldOutScore.objects.filter(model=model, case__product=product).order_by("case_id")
    rows = found.values_list("case_id", "log_odds", *LOAN)
    pds = sigmoid(np.array([row[1] for row in rows], dtype=np.float64)).tolist()
    return (_Loan(row[0], pd, 1.0, False, False, row[2:]) for row, pd in zip(rows, pds, strict=True))


def _live(product: str, model: ModelVersion) -> Iterable[_Loan]:
    found = Route.objects.filter(case__product=product, assessment__model=model)
    found = found.filter(Exists(Label.objects.filter(case=OuterRef("case"), source__in=MATURED)))
    latest = found.order_by("case_id", "-pk").distinct("case_id")
    drawn = found.filter(is_audit=True, policy__isnull=False).order_by()
    way_of = ways_of({one.pk: terms_of(one) for one in Policy.objects.filter(pk__in=drawn.values("policy"))})
    for key, policy, pd, *rest in latest.values_list("case_id", "policy_id", "assessment__pd", *ROUTED, *LOAN):
        routed, about = dict(zip(ROUTED, rest, strict=False)), tuple(rest[len(ROUTED) :])
        way = way_of(policy, routed)
        explored = bool(routed["is_exploration"])
        if way == "approve" and routed["is_audit"]:
            continue
        weight = 1.0
        if explored:
            weight = 1.0 / routed["exploration_probability"]
        elif way == "approve":
            weight = 1.0 / (1.0 - routed["audit_probability"])
        yield _Loan(key, pd, weight, explored, True, about)


def ways_of(terms: Mapping[int, Terms]) -> Way:
    """Tells where the policy itself sent a case, also one that the audit then showed to people; `terms` are those of
    the policies (by key) under which something was drawn."""

    def way_of(policy: int | None, route: Mapping[str, Any]) -> str:
        if not route["is_audit"] or policy is None:
            return str(route["way"])
        said = terms[policy]
        rows = {row.id: row.outputs for row in said.rules.rows}
        way = str(rows.get(route["row"], said.rules.default)["way"])
        # The audit draws from what the machine decided: what a row sent to people was decided for want of places.
        return way if way != "review" else said.capacity.fallback if said.capacity else way

    return way_of
