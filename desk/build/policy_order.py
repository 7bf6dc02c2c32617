"""The order in which people look under a version: the start order, or one learned from audited cases."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.pages import Pair
from desk.pages.policies import OrderCard
from desk.words import number, percent
from learning.look_value import count_audited
from routing.look_value import LEAST_AUDITED, LearnedValue, order_in_use
from routing.models import Policy
from routing.terms import Terms


def order_card(policy: Policy, terms: Terms, *, editable: bool) -> OrderCard:
    """What orders the looks, and, for whoever edits, whether there is enough to learn from."""
    audited = count_audited(policy.product)
    learned = LearnedValue.from_dict(terms.learned_value) if terms.learned_value else None
    order = (
        _("learned from audited cases")
        if order_in_use(learned) == "learned"
        else _("distance to the cut-off over the root of the amount")
    )
    pairs = [
        Pair(_("In use"), order),
        Pair(
            _("Audited and decided"),
            _("%(n)s cases; learning needs %(least)s with a known outcome")
            % {"n": number(audited), "least": number(LEAST_AUDITED)},
        ),
    ]
    if learned is not None:
        pairs += [
            Pair(_("Learned from"), _("%(n)s cases") % {"n": number(learned.cases)}),
            Pair(_("Reviewers were right in"), percent(learned.accuracy)),
            Pair(
                _("Saves more than the start order"),
                _("%(gain)s a case, standard error %(error)s")
                % {"gain": number(learned.gain, 2), "error": number(learned.standard_error, 2)},
            ),
        ]
    return OrderCard(
        pairs=tuple(pairs),
        url=reverse("desk:policy_order", args=[policy.pk]) if editable else "",
        seen=policy.sha256,
        may_learn=editable and audited >= LEAST_AUDITED,
        may_return=editable and learned is not None,
    )
