"""What whoever approves a version has to tick, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.words import MISSING, number, percent
from routing.consequences import Consequence

SHARES: Final = frozenset(
    {"approve_below", "cut_off", "decline_above", "doubt_limit", "audit_share", "reviewer_accuracy"}
)
NAMES: Final[dict[str, Promise]] = {
    "approve_below": gettext_lazy("Machine approves below a PD of"),
    "cut_off": gettext_lazy("Cut-off of the advice"),
    "decline_above": gettext_lazy("Machine declines from a PD of"),
    "doubt_limit": gettext_lazy("Doubt limit"),
    "amount_limit": gettext_lazy("Amount limit"),
    "review_cost": gettext_lazy("Cost of a look"),
    "reviewer_accuracy": gettext_lazy("Reviewers are right in"),
    "caution": gettext_lazy("Caution"),
    "rules": gettext_lazy("Rules"),
    "signatures": gettext_lazy("Signatures"),
    "limits": gettext_lazy("Credit limits"),
    "miss_rate": gettext_lazy("Bad loans approved by the machine"),
    "good_decline_rate": gettext_lazy("Good loans declined by the machine"),
    "blacklist": gettext_lazy("Blacklist"),
    "industry_watch": gettext_lazy("Industries to watch"),
    "industry_red": gettext_lazy("Industries on the red list"),
}
FALLBACKS: Final[dict[str, Promise]] = {
    "wait": gettext_lazy("wait"),
    "decline": gettext_lazy("are declined"),
    "approve": gettext_lazy("are approved within appetite"),
}
HITS: Final[dict[str, Promise]] = {
    "collect": gettext_lazy("all rows that hit, the most careful counts"),
    "first": gettext_lazy("the first row that hits"),
}
SENTENCES: Final[dict[str, Promise]] = {
    "approves_more": gettext_lazy("The machine approves more: %(to)s of cases instead of %(from)s (%(a_day)s a day)."),
    "approves_fewer": gettext_lazy(
        "The machine approves fewer: %(to)s of cases instead of %(from)s (%(a_day)s a day)."
    ),
    "declines_more": gettext_lazy("The machine declines more: %(to)s of cases instead of %(from)s (%(a_day)s a day)."),
    "declines_fewer": gettext_lazy(
        "The machine declines fewer: %(to)s of cases instead of %(from)s (%(a_day)s a day)."
    ),
    "reviews_more": gettext_lazy("People look at more: %(to)s of cases instead of %(from)s (%(a_day)s a day)."),
    "reviews_fewer": gettext_lazy("People look at fewer: %(to)s of cases instead of %(from)s (%(a_day)s a day)."),
    "no_past_cases": gettext_lazy("No past case was replayed: nobody knows what this version will do."),
    "no_comparison": gettext_lazy("Nothing is in force to compare with."),
    "first_version": gettext_lazy("It is the first version: from now on the machine decides cases of this product."),
    "present_unreadable": gettext_lazy("The version in force cannot be read, so that nothing could be compared."),
    "same_terms": gettext_lazy("It says the same as the version in force."),
    "threshold_changed": gettext_lazy("%(name)s: %(to)s instead of %(from)s."),
    "rows_added": gettext_lazy("%(name)s: rows %(rows)s are new."),
    "rows_changed": gettext_lazy("%(name)s: rows %(rows)s are changed."),
    "rows_removed": gettext_lazy("%(name)s: rows %(rows)s are gone."),
    "rows_moved": gettext_lazy("%(name)s: the order of rows is another."),
    "default_row_changed": gettext_lazy("%(name)s: the default row says something else."),
    "hit_policy_changed": gettext_lazy("%(name)s: rows are joined in another way (%(to)s instead of %(from)s)."),
    "promise_made": gettext_lazy("A miss rate is promised."),
    "promise_given_up": gettext_lazy("The promised miss rate is given up."),
    "promise_broken": gettext_lazy(
        "The lines do not keep the promise. %(name)s: %(from)s promised, the evidence says up to %(to)s."
    ),
    "promise_unproven": gettext_lazy("Nothing shows that the lines keep the promised miss rate: there is no evidence."),
    "promise_unread": gettext_lazy(
        "Rows approve beyond the promised line by what the evidence does not hold (%(fields)s): nothing shows that the "
        "promised miss rate is kept."
    ),
    "promise_changed": gettext_lazy("The promised miss rate is another."),
    "exploration_on": gettext_lazy("Some marginal declines are approved to learn from them, once a budget is signed."),
    "exploration_off": gettext_lazy("Marginal declines are no longer approved to learn from them."),
    "exploration_changed": gettext_lazy("The terms of exploration approvals are changed."),
    "fallback_changed": gettext_lazy("Beyond people's places cases %(to)s instead of %(from)s."),
    "capacity_changed": gettext_lazy("People's hours or the minutes of a look are changed."),
    "list_changed": gettext_lazy("%(name)s: %(added)s added, %(removed)s removed."),
    "currency_changed": gettext_lazy("The policy is set in %(to)s instead of %(from)s."),
    "segments_by_changed": gettext_lazy("Segments have lines of their own by another field."),
    "segment_lines_changed": gettext_lazy("The lines of single segments are changed."),
    "audit_share_changed": gettext_lazy(
        "Of what the machine would decide %(to)s are audited at random instead of %(from)s."
    ),
    "sla_changed": gettext_lazy("A decision has to be made within %(to)s hours instead of %(from)s."),
    "guard_changed": gettext_lazy("The guard that compares with the simulation is another."),
    "examples_changed": gettext_lazy("The examples that every version must decide as told are changed."),
    "fields_changed": gettext_lazy("The product's own fields are changed."),
    "other_changed": gettext_lazy("Something else is changed: %(name)s."),
}


def sentence_of(consequence: Consequence) -> str:
    """One consequence in the reader's language."""
    template = SENTENCES.get(consequence.code, consequence.code)
    return str(template) % _words(consequence)


def _words(consequence: Consequence) -> dict[str, str]:
    params: Mapping[str, Any] = consequence.params
    name = str(params.get("name", ""))
    shares = (
        consequence.code in ("audit_share_changed", "promise_broken")
        or (consequence.code == "threshold_changed" and name in SHARES)
        or "_more" in consequence.code
        or "_fewer" in consequence.code
    )
    words = {key: _value(params.get(key), share=shares) for key in ("from", "to")}
    per_day = params.get("cases_a_day")
    return words | {
        "name": str(NAMES.get(name, name)),
        "a_day": number(per_day, 1) if isinstance(per_day, int | float) else MISSING,
        "rows": ", ".join(params.get("rows", ())),
        "fields": ", ".join(params.get("fields", ())),
        "added": str(params.get("added", "")),
        "removed": str(params.get("removed", "")),
    }


def _value(value: Any, *, share: bool) -> str:
    if value is None:
        return _("each loan's own") if share else MISSING
    if isinstance(value, int | float) and not isinstance(value, bool):
        return percent(value) if share else number(value, 2 if value % 1 else 0)
    return str((FALLBACKS | HITS).get(str(value), value))
