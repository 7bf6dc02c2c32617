"""Promoting a model: proposed with a frozen comparison, approved by a second person who saw it, in force when due."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.canonical import canonical_sha256
from cases.errors import BadDecision, CaseMoved, CaseNotFound, FourEyes, StaleCase
from cases.models import User
from scoring.life import (
    APPROVERS,
    PROPOSERS,
    Step,
    check_artefact,
    find_model,
    lock_champion,
    lock_model,
    put_in_force,
    require_candidate,
    require_reason,
    require_role,
    require_second_person,
    tell,
)
from scoring.ml.errors import ArtefactError
from scoring.models import ModelVersion, Promotion

log = logging.getLogger(__name__)

# Whoever approves ticks that they have read the frozen comparison, and each gate that it does not pass.
COMPARISON_SEEN: Final = "comparison_seen"
BASE_REPLACED: Final = "base_replaced"
ARTEFACT_REFUSED: Final = "artefact_refused"
OPEN: Final = (Promotion.Status.PROPOSED, Promotion.Status.SCHEDULED)


def promote_model(version_id: int, *, by: User) -> ModelVersion:
    """Make a model the first champion of its product: there is nothing yet that it could be compared with.

    Every later champion is proposed and approved by two people (`propose_model`, `approve_model`).

    Raises:
        NotAllowed: `by` is no admin. FourEyes: a model of the product is or was in force. ArtefactError: the stored
            model is missing, altered, made for other libraries, or does not give its own smoke vectors again.
    """
    require_role(by, PROPOSERS)
    stored = find_model(version_id)
    vectors = check_artefact(stored)
    with transaction.atomic(durable=True):
        # Two promotions at once: the second finds the first one's champion.
        version = lock_model(version_id)
        if ModelVersion.objects.filter(product=version.product, promoted_at__isnull=False).exists():
            raise FourEyes(
                _("A model of this product was in force before: propose this one, and a second person approves it.")
            )
        put_in_force(version, Step.FIRST, by=by, promoted_by=by, facts={"smoke_vectors": vectors})
    return version


def propose_model(version_id: int, *, by: User, comparison: Mapping[str, Any], note: str = "") -> Promotion:
    """Propose a model in the place of the champion; the comparison is frozen by its hash.

    `comparison` is what `learning.comparing.comparison_of` found: plain JSON that names both models by their hashes
    (`challenger`, `champion`) and its `gates`. What the smoke vectors gave is added here.

    Raises:
        NotAllowed: `by` is no admin. CaseMoved: it is in force, or another proposal of the product is open.
        BadDecision: the comparison is no such thing. StaleCase: it is of another model, or against another champion
            than is in force now. ArtefactError: as in `promote_model`.
    """
    require_role(by, PROPOSERS)
    stored = find_model(version_id)
    frozen = {**comparison, "smoke": {"vectors": check_artefact(stored), "passed": True}}
    digest = _digest(frozen)
    with transaction.atomic(durable=True):
        version = lock_model(version_id)
        require_candidate(version)
        if Promotion.objects.filter(product=version.product, status__in=OPEN).exists():
            raise CaseMoved(_("Another proposal for this product is open: decide that one first."))
        present = lock_champion(version.product)
        present = _refuse_other_models(frozen, version, present)
        promotion = Promotion.objects.create(
            product=version.product,
            model=version,
            against=present,
            trained_by_id=version.trained_by_id,
            comparison=frozen,
            comparison_sha256=digest,
            proposed_by=by,
            note=note.strip(),
        )
        facts = {"promotion": promotion.pk, "comparison_sha256": digest, "against": present.pk}
        tell(version, Step.PROPOSE, by=by, note=note.strip(), facts=facts)
    return promotion


def ticks_of(promotion: Promotion) -> list[str]:
    """What whoever approves has to tick: that the comparison was read, and every gate that it does not pass."""
    return [COMPARISON_SEEN, *(gate["code"] for gate in promotion.comparison["gates"] if not gate["passed"])]


def approve_model(
    promotion_id: int,
    *,
    by: User,
    comparison_sha256: str,
    ticked: Collection[str],
    starts_at: datetime | None = None,
    note: str = "",
) -> Promotion:
    """Approve a proposed model: in force at once, or scheduled for `starts_at`.

    `comparison_sha256` is the hash of the frozen comparison that `by` saw; `ticked` are of `ticks_of`.

    Raises:
        NotAllowed: neither supervisor nor admin. CaseNotFound: no such proposal. CaseMoved: it is decided already.
        FourEyes: `by` proposed it or trained the model. StaleCase: another comparison than was seen, or another
            champion than it was compared with. BadDecision: something not ticked, or a start in the past.
        ArtefactError: as in `promote_model`.
    """
    require_role(by, APPROVERS)
    check_artefact(_find(promotion_id).model)
    with transaction.atomic(durable=True):
        promotion, present = _lock(promotion_id)
        _require_status(promotion, Promotion.Status.PROPOSED)
        require_second_person(by, promotion.proposed_by_id, promotion.trained_by_id)
        if not comparison_sha256 == promotion.comparison_sha256 == canonical_sha256(promotion.comparison):
            raise StaleCase(_("This is not the comparison that you saw. Look at the proposal again."))
        _refuse_other_models(promotion.comparison, promotion.model, present)
        wanted = ticks_of(promotion)
        if set(wanted) - set(ticked):
            raise BadDecision("ticked", _("Tick every line: whoever approves has seen them all."))
        now = timezone.now()
        if starts_at is not None and starts_at <= now:
            raise BadDecision("starts_at", _("The start lies in the past. Leave it out to start at once."))
        promotion.approved_by, promotion.approved_at, promotion.starts_at = by, now, starts_at or now
        facts = {
            "promotion": promotion.pk,
            "comparison_sha256": comparison_sha256,
            "ticked": wanted,
            "starts_at": promotion.starts_at.isoformat(),
        }
        tell(promotion.model, Step.APPROVE, by=by, note=note.strip(), facts=facts)
        if starts_at is None:
            _activate(promotion, by=by)
        else:
            _settle(promotion, Promotion.Status.SCHEDULED)
    return promotion


def return_model(promotion_id: int, *, by: User, reason: str) -> Promotion:
    """Send back a proposed or scheduled model; the proposal stays on record.

    Raises:
        NotAllowed: neither supervisor nor admin. BadDecision: no reason. CaseNotFound, CaseMoved: as in approval.
    """
    require_role(by, APPROVERS)
    reason = require_reason(reason)
    with transaction.atomic(durable=True):
        promotion, _present = _lock(promotion_id)
        _require_status(promotion, *OPEN)
        tell(promotion.model, Step.RETURN, by=by, note=reason, facts={"promotion": promotion.pk})
        _settle(promotion, Promotion.Status.RETURNED)
    return promotion


def activate_due_models() -> int:
    """Put in force what was approved to start by now. Returns how many came into force.

    A model whose champion was replaced meanwhile, or whose file is refused now, was approved on what holds no longer:
    its approval lapses, with a step that says so. Each has a transaction of its own.
    """
    due = Promotion.objects.filter(status=Promotion.Status.SCHEDULED, starts_at__lte=Now()).order_by("starts_at", "pk")
    return sum(_activate_due(key) for key in due.values_list("pk", flat=True))


def open_promotion(product: str) -> Promotion | None:
    """The proposal of a product that is not decided or not in force yet."""
    found = Promotion.objects.select_related("model", "against", "proposed_by", "approved_by")
    return found.filter(product=product, status__in=OPEN).first()


def _activate(promotion: Promotion, *, by: User | None) -> None:
    """In force, under the locks of `_lock`. `by=None` is the machine, at the appointed time."""
    _settle(promotion, Promotion.Status.PROMOTED)
    put_in_force(
        promotion.model, Step.ACTIVATE, by=by, promoted_by=promotion.approved_by, facts={"promotion": promotion.pk}
    )


def _activate_due(promotion_id: int) -> bool:
    problem = ""
    try:
        check_artefact(_find(promotion_id).model)
    except ArtefactError as refusal:
        log.error("Promotion %d lapses: %s", promotion_id, refusal)
        problem = str(refusal)
    with transaction.atomic(durable=True):
        promotion, present = _lock(promotion_id)
        # Two workers at once, or a person who sent it back: whoever comes second under the lock finds it done.
        if promotion.status != Promotion.Status.SCHEDULED:
            return False
        is_base = present is not None and present.pk == promotion.against_id
        if is_base and not problem:
            _activate(promotion, by=None)
            return True
        facts = {"code": ARTEFACT_REFUSED, "problem": problem} if problem else {"code": BASE_REPLACED}
        tell(promotion.model, Step.LAPSE, by=None, facts={"promotion": promotion.pk, **facts})
        _settle(promotion, Promotion.Status.LAPSED)
        return False


def _find(promotion_id: int) -> Promotion:
    found = Promotion.objects.select_related("model").filter(pk=promotion_id).first()
    if found is None:
        raise CaseNotFound(_("There is no such proposal."))
    return found


def _lock(promotion_id: int) -> tuple[Promotion, ModelVersion | None]:
    """The proposal with its model, and the champion, locked until the end of the transaction."""
    version = lock_model(_find(promotion_id).model_id)
    promotion = Promotion.objects.select_for_update().get(pk=promotion_id)
    promotion.model = version
    return promotion, lock_champion(version.product)


def _settle(promotion: Promotion, status: Promotion.Status) -> None:
    promotion.status = status
    promotion.save(update_fields=["status", "approved_by", "approved_at", "starts_at"])


def _require_status(promotion: Promotion, *statuses: Promotion.Status) -> None:
    if promotion.status not in statuses:
        raise CaseMoved(_("Somebody was faster: this proposal is no longer where this step could be made."))


def _digest(comparison: Mapping[str, Any]) -> str:
    """Its hash. Raises BadDecision where it is no comparison."""
    try:
        named = [comparison[side]["sha256"] for side in ("challenger", "champion")]
        gates = [(str(gate["code"]), bool(gate["passed"])) for gate in comparison["gates"]]
        if not all(named) or not gates:
            raise ValueError("models and gates are needed")
        return canonical_sha256(comparison)
    except (KeyError, TypeError, ValueError) as problem:
        raise BadDecision(
            "comparison", format_lazy(_("The comparison cannot be used: {part}."), part=str(problem))
        ) from problem


def _refuse_other_models(
    comparison: Mapping[str, Any], version: ModelVersion, present: ModelVersion | None
) -> ModelVersion:
    """The model in force. Raises StaleCase unless the comparison is of this model against that one."""
    if comparison["challenger"]["sha256"] != version.sha256:
        raise StaleCase(_("The comparison is of another model. Compare and propose it anew."))
    if present is None or comparison["champion"]["sha256"] != present.sha256:
        raise StaleCase(_("Another model is in force than the one it was compared with. Compare and propose it anew."))
    return present
