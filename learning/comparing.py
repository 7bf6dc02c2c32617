"""The loans on which a challenger is compared with the champion, and the comparison itself, read from the database.

Two samples are never mixed. On live traffic both models scored the same case at the same moment, one of them in the
shadow. Held out are loans of a training set that both were trained on, each scored by models that had not seen it
(HeldOutScore): there from the first day, but of the past, and of loans that were granted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Literal

import numpy as np
from django.db import connection
from django.db.models import Avg, Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseNotFound
from cases.models import Case
from cases.states import Kind
from learning.compare import LEAST_OF_EACH, Sample, Weighing, compare
from learning.compare_cost import Desk
from learning.label_models import BY_CHANCE
from learning.label_weights import base_weight, weights_in_force
from learning.weights import label_weights
from routing.actions import active_policy
from routing.life import readable_terms
from routing.models import Route
from scoring.actions import model_row
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelVersion
from scoring.registry import champion_version, load_version

SampleName = Literal["live", "held_out"]
SAMPLES: Final[tuple[SampleName, ...]] = ("live", "held_out")
WANTED_DIFFERENCE: Final = 0.01
MOST_CASES: Final = 50_000
REASONS_OF: Final = 100
TOP_REASONS: Final = 3
CAPACITY_DAYS: Final = 90
# Where no policy is in force, and nothing was routed yet.
USUAL_SHARE: Final = 0.1
USUAL_ACCURACY: Final = 0.85
SEGMENTS: Final = ("region", "industry", "channel")

PAIRS: Final = {
    "live": """
        WITH said AS (
            SELECT case_id, case_version, model_id, log_odds FROM scoring_assessment WHERE model_id = ANY(%(models)s)
            UNION ALL
            SELECT case_id, case_version, model_id, log_odds FROM scoring_shadowscore
            WHERE model_id = ANY(%(models)s) AND NOT is_afterwards)
        SELECT DISTINCT ON (a.case_id) a.case_id, a.log_odds AS champion, b.log_odds AS challenger
        FROM said a JOIN said b ON a.case_id = b.case_id AND a.case_version = b.case_version
        WHERE a.model_id = %(champion)s AND b.model_id = %(challenger)s
        ORDER BY a.case_id, a.case_version DESC""",
    "held_out": """
        SELECT a.case_id, a.log_odds AS champion, b.log_odds AS challenger
        FROM learning_heldoutscore a JOIN learning_heldoutscore b ON a.case_id = b.case_id
        WHERE a.model_id = %(champion)s AND b.model_id = %(challenger)s""",
}
READ: Final = """
    WITH pair AS ({pairs}), outcome AS (
        SELECT DISTINCT ON (case_id) case_id, is_bad, source, propensity, basis FROM learning_label
        WHERE source IN ('outcome', 'exploration') AND case_id IN (SELECT case_id FROM pair)
        ORDER BY case_id, observed_at DESC, id DESC)
    SELECT c.id, pair.champion, pair.challenger, outcome.is_bad, c.amount, c.applied_at,
           c.region, c.industry, c.channel, outcome.source, outcome.propensity, outcome.basis
    FROM pair JOIN cases_case c ON c.id = pair.case_id LEFT JOIN outcome ON outcome.case_id = c.id
    WHERE c.kind = 'application' ORDER BY c.applied_at DESC, c.id DESC LIMIT %(most)s"""


def comparison_of(
    challenger: ModelVersion,
    *,
    against: ModelVersion | None = None,
    sample: SampleName | None = None,
    difference: float = WANTED_DIFFERENCE,
) -> dict[str, Any]:
    """The comparison of a model with the champion of its product (or with `against`), as plain JSON to be shown and
    frozen. Without a `sample` the live one, once it has enough outcomes, else that of loans held out.

    Raises CaseNotFound where no model is in force.
    """
    champion = against or champion_version(challenger.product)
    if champion is None:
        raise CaseNotFound(_("No model is in force for this product."))
    name, read = _chosen(champion, challenger, sample)
    found = compare(
        read,
        desk_of(challenger.product, read),
        difference=difference,
        other_reasons=_other_reasons(champion, challenger, read.refs),
    )
    sides = {"challenger": challenger, "champion": champion}
    return {
        **{side: {"model": str(each), "sha256": each.sha256} for side, each in sides.items()},
        "sample": name,
        "at": timezone.now().isoformat(timespec="seconds"),
        **found,
    }


def read_sample(champion: ModelVersion, challenger: ModelVersion, name: SampleName) -> Sample:
    """The newest cases that both scored, in order of their applications. One statement."""
    statement = READ.format(pairs=PAIRS[name])
    given = {"champion": champion.pk, "challenger": challenger.pk, "most": MOST_CASES}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**given, "models": [champion.pk, challenger.pk]})
        rows = cursor.fetchall()[::-1]
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * 12
    keys, said, other, bad, amount, applied_at = columns[:6]
    return Sample(
        refs=[f"CR-{key}" for key in keys],
        champion=np.array(said, dtype=np.float64),
        challenger=np.array(other, dtype=np.float64),
        bad=np.array([-1 if is_bad is None else int(is_bad) for is_bad in bad], dtype=np.int64),
        amount=np.array([float(each) for each in amount]),
        days=[timezone.localdate(at).isoformat() for at in applied_at],
        segments={segment: list(values) for segment, values in zip(SEGMENTS, columns[6:9], strict=True)},
        weighing=_weighing(*columns[9:]),
    )


def _weighing(source: Sequence[str | None], propensity: Sequence[float | None], basis: Sequence[str]) -> Weighing:
    """What each loan stands for under the weights in force; cases without an outcome weigh as if it were known."""
    table = weights_in_force()
    base = np.array([base_weight(table, each) if each else 1.0 for each in source], dtype=np.float64)
    return Weighing(
        weights=label_weights(base, propensity, cap=table.cap),
        by_chance=np.array([each in BY_CHANCE for each in basis], dtype=np.bool_),
        unknown=np.array([each is None for each in propensity], dtype=np.bool_),
        cap=table.cap,
    )


def desk_of(product: str, sample: Sample) -> Desk:
    """What both models are held to: the policy's lines and beliefs, and the share of cases that people saw of late."""
    terms = readable_terms(active_policy(product))
    since = timezone.now() - timedelta(days=CAPACITY_DAYS)
    seen = Route.objects.filter(case__product=product, at__gte=since).aggregate(
        all=Count("pk"), reviewed=Count("pk", filter=Q(way=Route.Way.REVIEW))
    )
    mean = float(sample.amount.mean()) if len(sample) else 1.0
    return Desk(
        cut_off=(terms.cut_off if terms else None) or _usual_cut_off(product, sample),
        review_share=seen["reviewed"] / seen["all"] if seen["all"] else USUAL_SHARE,
        accuracy=terms.reviewer_accuracy if terms else USUAL_ACCURACY,
        review_cost=terms.review_cost / mean if terms else 0.0,
    )


def _usual_cut_off(product: str, sample: Sample) -> float:
    """The mean of the cases' own cut-offs; without any the bad rate of the sample, or one half."""
    newest = Assessment.objects.filter(model__product=product, cut_off__gt=0).order_by("-id")[:1000]
    mean = Assessment.objects.filter(pk__in=newest.values("pk")).aggregate(mean=Avg("cut_off"))["mean"]
    known = sample.bad[sample.bad >= 0]
    return float(mean or (known.mean() if len(known) and known.any() else 0.5))


def _chosen(champion: ModelVersion, challenger: ModelVersion, name: SampleName | None) -> tuple[SampleName, Sample]:
    if name is not None:
        return name, read_sample(champion, challenger, name)
    live = read_sample(champion, challenger, "live")
    bads, goods = int((live.bad == 1).sum()), int((live.bad == 0).sum())
    if min(bads, goods) >= LEAST_OF_EACH:
        return "live", live
    held_out = read_sample(champion, challenger, "held_out")
    return ("held_out", held_out) if len(held_out) else ("live", live)


def _other_reasons(champion: ModelVersion, challenger: ModelVersion, refs: Sequence[str]) -> dict[str, int] | None:
    """Of cases spread evenly over the sample, how many have other top reasons for their PD by the real explanations of
    both models; None where there is no case, or a model cannot be loaded."""
    places = sorted({round(at) for at in np.linspace(0, len(refs) - 1, min(len(refs), REASONS_OF))}) if refs else []
    keys = [int(refs[at].removeprefix("CR-")) for at in places]
    cases = list(Case.objects.filter(pk__in=keys, kind=Kind.APPLICATION).order_by("pk"))
    if not cases:
        return None
    rows, tops = [model_row(case) for case in cases], []
    for version in (champion, challenger):
        try:
            model = load_version(version)
        except ArtefactError:
            return None
        reasons = model.reasons(model.score(rows)).reviewer
        tops.append([{each["code"] for each in mine} for mine in _top(reasons)])
    return {"cases": len(cases), "differ": sum(a != b for a, b in zip(*tops, strict=True))}


def _top(reasons: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[each for each in mine if each["direction"] == "up"][:TOP_REASONS] for mine in reasons]
