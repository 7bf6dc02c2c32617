"""The live check of a promise as pairs and as a figure of the overview, and the words of its states and rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from cases.products import numbered, version_words
from desk.pages import Figure, Level, Pair
from desk.words import MISSING, PRODUCTS, number, percent, when, word
from learning.promises import PromiseState, standings
from routing.actions import terms_of
from routing.life import readable_terms
from routing.models import Policy
from routing.promised_lines import follows_from_evidence
from routing.terms import Terms
from scoring.registry import champion_version

STATES: Final[Mapping[str, Words]] = {
    "holds": pgettext_lazy("promise", "holds"),
    "in_doubt": pgettext_lazy("promise", "in doubt"),
    "broken": pgettext_lazy("promise", "broken"),
}
LEVELS: Final[Mapping[str, Level]] = {"holds": "ok", "in_doubt": "soon", "broken": "late"}


def live_pairs(policy: Policy) -> tuple[Pair, ...]:
    """The live state of what a version promises; () where it promises nothing."""
    found = standings([policy]).get(policy.pk)
    if found is None:
        return ()
    pairs = [
        Pair(_("Promised miss rate"), _at_most(found.promised, found.confidence)),
        Pair(pgettext("promise", "So far"), _state_words(found)),
        Pair(_("Bad loans so far"), _misses(found)),
        Pair(_("True miss rate above"), percent(found.least) if found.bads else MISSING),
    ]
    if found.audited:
        pairs.append(Pair(_("Of them drawn by the audit"), number(found.audited)))
    if found.explored:
        how = _("weighed by their chance") if found.weighed else _("left out")
        pairs.append(Pair(_("Bad loans approved by lot"), f"{number(found.explored)} · {how}"))
    pairs.append(Pair(_("Last outcome"), when(found.as_of)))
    pairs.append(Pair(_("Lines"), origin(terms_of(policy))))
    return tuple(pairs)


def promise_figures(policies: Sequence[Policy]) -> tuple[Figure, ...]:
    """The state of the promise of each of these versions that states one."""
    found = standings(policies)
    return tuple(
        Figure(
            _("Promise · %(product)s") % {"product": word(PRODUCTS, policy.product)},
            str(STATES[found[policy.pk].state]),
            _against(found[policy.pk]),
            level=LEVELS[found[policy.pk].state],
            url=reverse("desk:policy_promise", args=[policy.pk]),
        )
        for policy in policies
        if policy.pk in found
    )


def _state_words(found: PromiseState) -> str:
    return str(STATES[found.state]) if found.bads else f"{STATES['in_doubt']} · {_('no bad loan yet')}"


def _against(found: PromiseState) -> str:
    figures = {"misses": number(found.misses), "bads": number(found.bads), "rate": short(found.promised)}
    if not found.bads:
        return _("no bad loan yet, promised at most %(rate)s") % figures
    return _("%(misses)s of %(bads)s bad loans missed, promised at most %(rate)s") % figures


def _misses(found: PromiseState) -> str:
    return _("%(misses)s of %(bads)s approved by the machine") % {
        "misses": number(found.misses), "bads": number(found.bads),
    }  # fmt: skip


def _at_most(rate: float, confidence: float) -> str:
    return _("at most %(rate)s, with %(confidence)s confidence") % {
        "rate": short(rate), "confidence": short(confidence),
    }  # fmt: skip


def origin(terms: Terms) -> str:
    """Where the lines come from."""
    if terms.promise is None or not follows_from_evidence(terms):
        return _("set by hand, not drawn from the promise")
    return _("drawn from the evidence of %(model)s") % {"model": version_words(terms.promise.evidence["model"])}


def other_model(policy: Policy) -> str:
    """Tells that the version in force keeps lines drawn from the evidence of another model than now gives the PDs; ""
    where it does not."""
    terms = readable_terms(policy)
    if policy.status != Policy.Status.ACTIVE or terms is None or not follows_from_evidence(terms):
        return ""
    said = terms.promise.evidence if terms.promise else {}
    model = champion_version(policy.product)
    if model is None or said["model_sha256"] == model.sha256:
        return ""
    return _(
        "The lines were drawn from the evidence of %(drawn)s, and %(model)s is in force: nothing shows that the "
        "promise is kept. Draw the lines anew."
    ) % {"drawn": version_words(said["model"]), "model": numbered(model.product, model.number)}


def short(share: float) -> str:
    """`5%`, `2.5%`, `99.9%`: as many digits as it takes, three at most."""
    digits = next((n for n in range(3) if abs(share * 100 - round(share * 100, n)) < 1e-9), 3)
    return percent(share, digits)
