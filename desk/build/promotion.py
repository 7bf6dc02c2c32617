"""The page of whoever approves a model: the frozen comparison, every line to tick, and when it starts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import FourEyes
from cases.models import User
from cases.products import numbered
from desk.build.comparison import NOT_PASSED, comparison
from desk.pages import Action, Pair, Problem
from desk.pages.challengers import PromotionPage
from desk.pages.policies import Tick
from desk.words import number, when
from scoring.life import APPROVERS, require_second_person
from scoring.models import Promotion
from scoring.promotion import OPEN, ticks_of
from scoring.registry import champion_version


def refusal_of(promotion: Promotion, reader: User) -> str:
    """Why this reader may not approve this proposal; "" where they may."""
    if promotion.status != Promotion.Status.PROPOSED:
        return _("This proposal is decided.")
    if reader.role not in APPROVERS:
        return _("Your role reads models and approves none.")
    try:
        require_second_person(reader, promotion.proposed_by_id, promotion.trained_by_id)
    except FourEyes as refusal:
        return str(refusal)
    champion = champion_version(promotion.product)
    if champion is None or champion.pk != promotion.against_id:
        return _("Another model came into force since this one was compared: return it, and propose it anew.")
    return ""


def promotion_page(
    promotion: Promotion,
    reader: User,
    *,
    ticked: Collection[str] = (),
    note: str = "",
    starts_at: str = "",
    problems: Sequence[Problem] = (),
) -> PromotionPage:
    """What is asked of whoever approves; what was frozen, for everybody who may read it."""
    refusal = refusal_of(promotion, reader)
    may_return = promotion.status in OPEN and reader.role in APPROVERS
    back = reverse("desk:promotion_return", args=[promotion.pk])
    return PromotionPage(
        title=numbered(promotion.product, promotion.model.number),
        model_url=reverse("desk:model_card", args=[promotion.model_id]),
        state=str(Promotion.Status(promotion.status).label),
        about=_about(promotion),
        comparison=comparison(promotion.comparison, reader),
        comparison_sha256=promotion.comparison_sha256,
        ticks=tuple(Tick(key, str(NOT_PASSED.get(key, key)), key in ticked) for key in ticks_of(promotion)),
        action_url=reverse("desk:promotion", args=[promotion.pk]),
        may=not refusal,
        refusal=refusal,
        give_back=Action(_("Return it"), back, reason_required=True) if may_return else None,
        problems=tuple(problems),
        note=note,
        starts_at=starts_at,
    )


def _about(promotion: Promotion) -> tuple[Pair, ...]:
    pairs = [
        Pair(_("Proposed"), f"{promotion.proposed_by.display_name}, {when(promotion.proposed_at)}"),
        Pair(_("In the place of"), numbered(promotion.product, promotion.against.number)),
        Pair(_("Model file"), promotion.comparison["challenger"]["sha256"]),
        Pair(
            _("Test vectors"), _("%(n)s, all as in training") % {"n": number(promotion.comparison["smoke"]["vectors"])}
        ),
    ]
    if promotion.note:
        pairs.append(Pair(_("Note"), promotion.note))
    if promotion.trained_by:
        pairs.append(Pair(_("Trained by"), promotion.trained_by.display_name))
    if promotion.approved_by:
        pairs.append(Pair(_("Approved"), f"{promotion.approved_by.display_name}, {when(promotion.approved_at)}"))
        pairs.append(Pair(_("Comes into force"), when(promotion.starts_at)))
    return tuple(pairs)
