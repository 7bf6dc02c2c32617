"""Everything that is known of one case, read once: for its page, its sign-off and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.db.models.functions import JSONObject

from cases.desk_rules import rules_in_force
from cases.models import Case, CaseEvent, Claim, DeskRules, Opinion, Reopening, Review, Signature
from cases.personal import masked_text
from cases.standing import hold_seconds, is_released
from cases.states import FINAL_STATES, State
from cases.why import sentences
from desk.case_file import CaseFile, read_case_file
from desk.explained import Explained
from desk.origin import Origin, came_last
from desk.sign_off_json import sign_off_as_json
from intake.models import Batch
from routing.models import Route
from scoring.ml.errors import FeatureTableError
from scoring.ml.features import FeatureTable, feature_table_for
from scoring.ml.reasons import Reason, sentence_of
from scoring.models import Assessment, ModelVersion, ShadowScore

SIGNATURES: Final = Prefetch("signatures", Signature.objects.select_related("signer", "on_behalf_of"))


@dataclass(frozen=True)
class Dossier:
    """A case with its latest assessment and route, its reviews, opinions, events, open claim and file; `is_bare`
    when what comes from the model was taken out (`desk/build/veil.py`), `hides_numbers` when the numbers of persons in
    what people wrote are masked (`desk/build/free_text.py`). While it is claimed, `release_hold` is how long a decision
    can be taken back."""

    case: Case
    assessment: Assessment | None
    route: Route | None
    reviews: tuple[Review, ...]
    events: tuple[CaseEvent, ...]
    claim: Claim | None
    file: CaseFile
    release_hold: timedelta = timedelta(0)
    opinions: tuple[Opinion, ...] = ()
    is_bare: bool = False
    hides_numbers: bool = False

    @property
    def review(self) -> Review | None:
        """The latest decision of a person."""
        return self.reviews[-1] if self.reviews else None

    @cached_property
    def desk(self) -> DeskRules:
        """The rules of the desk, read where something on the page counts by them."""
        return self.file.desk or rules_in_force()

    @cached_property
    def reopenings(self) -> tuple[Reopening, ...]:
        """Who asked for the case to be opened again; looked up where the case was decided once and is not bare."""
        if self.is_bare or not any(event.to_state in FINAL_STATES for event in self.events):
            return ()
        found = tuple(self.case.reopenings.select_related("asked_by", "answered_by"))
        for each in found if self.hides_numbers else ():
            each.reason, each.note = masked_text(each.reason), masked_text(each.note)
        return found

    @property
    def open_reopening(self) -> Reopening | None:
        """The request that waits for an answer."""
        return next((each for each in self.reopenings if each.verdict == Reopening.Verdict.OPEN), None)

    @cached_property
    def table(self) -> FeatureTable | None:
        """The feature table the case was scored by, else the product's present one."""
        if self.assessment is not None:
            return FeatureTable.from_dict(self.assessment.model.feature_table)
        try:
            return feature_table_for(self.case.product)
        except FeatureTableError:
            return None

    @cached_property
    def came_last(self) -> Origin:
        """What the facts of the case came by: the last time its source sent it again, else the first."""
        return came_last(self.events, self.file.origin)

    @cached_property
    def read_by(self) -> dict[str, Any]:
        """The mapping that read the case from a file; looked up where a fact of it is named that no table describes."""
        file_id = self.came_last.file_id
        read = Batch.objects.filter(pk=file_id).values_list("mapping__content", flat=True) if file_id else ()
        return next((content for content in read if content), {})

    @cached_property
    def explained(self) -> Explained | None:
        """The explanation of the assessment."""
        if self.assessment is None or self.table is None:
            return None
        return Explained(self.table, self.assessment)


def open_dossier(case: Case) -> Dossier:
    """Read what belongs to `case`: at most eight queries as a rule, whatever its length of life."""
    if case.opinion_first:
        prefetch_related_objects([case], Prefetch("opinions", Opinion.objects.select_related("person")))
    claims = Claim.objects.select_related("holder").annotate(hold=hold_seconds())
    claim = claims.filter(case=case, ended_at__isnull=True).first() if case.state == State.IN_REVIEW else None
    assessment, route = _assessed(case)
    return Dossier(
        case=case,
        assessment=assessment,
        route=route,
        reviews=tuple(case.reviews.select_related("reviewer").prefetch_related(SIGNATURES).order_by("id")),
        events=tuple(case.events.select_related("actor").order_by("seq")),
        claim=claim,
        release_hold=timedelta(seconds=getattr(claim, "hold", 0)),
        opinions=tuple(case.opinions.all()) if case.opinion_first else (),
        file=read_case_file(case),
    )


def open_head(case: Case) -> Dossier:
    """As `open_dossier`, with what the head and the model's part are made of alone: at most two queries as a rule."""
    if case.opinion_first:
        prefetch_related_objects([case], Prefetch("opinions", Opinion.objects.select_related("person")))
    assessment, route = _assessed(case)
    return Dossier(case, assessment, route, reviews=(), events=(), claim=None, file=CaseFile())


def shadow_scores(route: Route | None) -> list[dict[str, Any]]:
    """What other models said of the case at this route's assessment (`number`, `pd`), of those that are not retired:
    challengers in shadow, and the one that came into force since. The newest three, where they were read along."""
    return list(getattr(route, "shadows", ()))


def _shadows() -> ArraySubquery:
    said = ShadowScore.objects.filter(case=OuterRef("case"), case_version=OuterRef("assessment__case_version"))
    said = said.exclude(model__status=ModelVersion.Status.RETIRED).order_by("-model__number")
    return ArraySubquery(said.values(json=JSONObject(number="model__number", pd="pd"))[:3])


def _assessed(case: Case) -> tuple[Assessment | None, Route | None]:
    """The latest assessment and the latest route, which as a rule belong together: one query then, else two."""
    # The card of a model is ten times as long as all else that is read here, and has a page of its own.
    assessments = Assessment.objects.select_related("model").defer("model__card").filter(case=case).order_by("-id")
    routes = Route.objects.select_related("policy", "assessment__model").defer("assessment__model__card")
    routes = routes.filter(case=case).order_by("-id")
    latest = Subquery(assessments.values("pk")[:1])
    route: Any = routes.annotate(latest_assessment=latest, shadows=_shadows()).first()
    if route is not None and route.assessment_id == route.latest_assessment:
        return route.assessment, route
    return assessments.first(), route


def dossier_as_json(dossier: Dossier) -> dict[str, Any]:
    """The case as the API shows it: numbers unrounded, reasons in both languages."""
    case = dossier.case
    return {
        "ref": case.ref,
        "state": case.state,
        "version": case.version,
        "kind": case.kind,
        "source": case.source,
        "external_ref": case.external_ref,
        "product": case.product,
        "industry": case.industry,
        "region": case.region,
        "channel": case.channel,
        "amount": str(case.amount),
        "currency": case.currency,
        "term_months": case.term_months,
        "applied_at": case.applied_at.isoformat(),
        "received_at": case.received_at.isoformat(),
        "features": case.features,
        "derived": case.derived,
        "findings": case.findings,
        "why": _in_both_languages(case.why),
        "assessment": _assessment_as_json(dossier.explained),
        "route": _route_as_json(dossier.route),
        "sign_off": sign_off_as_json(dossier.case, dossier.review, dossier.events),
        "decision": _decision_as_json(dossier),
        "opinions": _opinions_as_json(dossier),
    }


def _assessment_as_json(explained: Explained | None) -> dict[str, Any] | None:
    if explained is None:
        return None
    assessment, table = explained.assessment, explained.table
    cohort = assessment.cohort_contributions
    return {
        "model": str(assessment.model),
        "model_sha256": assessment.model.sha256,
        "pd": assessment.pd,
        "interval": [assessment.pd_low, assessment.pd_high],
        "cut_off": assessment.cut_off,
        "points": assessment.points,
        "log_odds": assessment.log_odds,
        "base_value": assessment.base_value,
        "contributions": dict(zip(table.names, assessment.contributions, strict=True)),
        "cohort_base_value": assessment.cohort_base_value,
        "cohort_contributions": dict(zip(table.names, cohort, strict=True)) if cohort else {},
        "residual": assessment.residual,
        "explanation_holds": assessment.explanation_holds,
        "doubt": assessment.doubt,
        "doubt_parts": assessment.doubt_parts,
        "missing": explained.missing,
        "unreadable": assessment.unreadable,
        "stale": assessment.stale,
        "novel": assessment.novel,
        "warnings": [] if assessment.explanation_holds else _in_both_languages([{"code": "explanation_unreliable"}]),
        "reason_codes": _reasons_as_json(table, explained.reasons if assessment.explanation_holds else []),
        "cohort_reasons": _reasons_as_json(table, explained.cohort),
        "applicant_reasons": _reasons_as_json(table, explained.applicant),
        "at": assessment.at.isoformat(),
    }


def _in_both_languages(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    words = zip(reasons, sentences(reasons, "en"), sentences(reasons, "zh-hans"), strict=True)
    return [
        {"code": reason["code"], "params": reason.get("params", {}), "en": en, "zh": zh} for reason, en, zh in words
    ]


def _reasons_as_json(table: FeatureTable, reasons: list[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "code": reason["code"],
            "direction": reason["direction"],
            "contribution": reason["contribution"],
            "pd_points": reason["pd_points"],
            "en": sentence_of(table, reason, "en"),
            "zh": sentence_of(table, reason, "zh-hans"),
        }
        for reason in reasons
    ]


def _route_as_json(route: Route | None) -> dict[str, Any] | None:
    if route is None:
        return None
    return {
        "way": route.way,
        "advice": route.advice,
        "policy": str(route.policy) if route.policy else None,
        "policy_sha256": route.policy.sha256 if route.policy else None,
        "row": route.row or None,
        "thresholds": route.thresholds,
        "economics": route.economics,
        "limit": route.limit or None,
        "signing": route.signing,
        "is_audit": route.is_audit,
        "audit_probability": route.audit_probability,
        "arms": {
            "audit": {"drawn": route.is_audit, "probability": route.audit_probability},
            "exploration": {"drawn": route.is_exploration, "probability": route.exploration_probability},
        },
        "reasons": _in_both_languages(route.reasons),
        "at": route.at.isoformat(),
    }


def _decision_as_json(dossier: Dossier) -> dict[str, Any] | None:
    case, review = dossier.case, dossier.review
    if not case.outcome:
        return None
    decision: dict[str, Any] = {
        "outcome": case.outcome,
        "decided_by": case.decided_by,
        "at": case.decided_at.isoformat() if case.decided_at else None,
        "released_at": case.released_at.isoformat() if case.released_at else None,
        "final": is_released(case),
    }
    if review is not None:
        decision |= {
            "reviewer": review.reviewer.username,
            "override": review.is_override,
            "reason_codes": review.reason_codes,
            "note": review.note,
        }
        signers = [each.signer.username for each in review.signatures.all()]
        decision |= {"signed_by": signers[-1], "signers": signers} if signers else {}
    return decision


def _opinions_as_json(dossier: Dossier) -> list[dict[str, Any]]:
    """What people thought before they saw the model; told once the case is decided."""
    if not dossier.case.outcome:
        return []
    return [
        {"person": each.person.username, "lean": each.lean, "pd_band": each.band, "at": each.at.isoformat()}
        for each in dossier.opinions
    ]
