"""The views that other programs read: what each shows, and what every column means, in one place.

They stand in the schema `reporting` of the same database. No view tells who a customer is: an applicant has a number,
reviewers have the names they sign in with, and what is typed freely (notes, reasons, comments) is not shown. A figure
is defined here once, and the comment of its column in the database is that definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cases.office import OFFICE

SCHEMA: Final = "reporting"


@dataclass(frozen=True)
class View:
    """A view: its columns with their meaning, in order, and the SELECT behind it.

    Days and quarters are told AT TIME ZONE :office, so that they do not depend on the session that asks.
    """

    name: str
    meaning: str
    columns: dict[str, str]
    select: str

    @property
    def sql(self) -> str:
        """The view, made or put in the place of the one that is there, with a comment on itself and on every column."""
        names = ", ".join(self.columns)
        comments = [f"COMMENT ON VIEW {SCHEMA}.{self.name} IS {_quoted(self.meaning)};"]
        comments += [
            f"COMMENT ON COLUMN {SCHEMA}.{self.name}.{column} IS {_quoted(meaning)};"
            for column, meaning in self.columns.items()
        ]
        select = self.select.strip().replace(":office", _quoted(OFFICE.key))
        return f"CREATE OR REPLACE VIEW {SCHEMA}.{self.name} ({names}) AS\n{select};\n" + "\n".join(comments)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


CASES: Final = View(
    "cases",
    "One row a case, as it stands now. Money in the currency of the case, times with their zone.",
    {
        "ref": "Name of the case: CR-, then its number",
        "source": "System or file that sent it",
        "external_ref": "Its name there",
        "applicant": "Number of the applicant, the same on all of their cases; no name",
        "is_key_customer": "Whether the applicant is a key customer",
        "kind": "application: before the loan; monitoring: a booked loan that raised a warning",
        "product": "Product",
        "industry": "Industry the loan goes to, GB/T 4754",
        "region": "Region, GB/T 2260 or as the source names it",
        "channel": "Channel it came through",
        "amount": "Amount asked for",
        "currency": "Currency of the amount, ISO 4217",
        "term_months": "Term in months",
        "applied_at": "When the applicant applied",
        "received_at": "When it came in",
        "state": "received, needs_data, scored, queued, in_review, waiting_info, awaiting_signoff, approved, declined, "
        "resolved or withdrawn",
        "pd": "Probability of default by the model, 0 to 1; empty where it has no score",
        "pd_low": "Lower end of its 90 % interval",
        "pd_high": "Upper end of its 90 % interval",
        "points": "Score: 600 at odds of 50 to 1, 20 points double the odds",
        "doubt": "Doubt of the score, 0 to 1",
        "advice": "What the model and the policy advise: approve, decline or nothing",
        "outcome": "The decision that holds now: approve, decline, a resolution, or nothing",
        "decided_by": "machine, person, or lender for loans decided before they came here",
        "decided_at": "When it was decided",
        "is_released": "Whether nobody can take the decision back alone any more",
        "hours_to_decision": "Hours from coming in to the decision, weekends and waiting for others included",
    },
    """
SELECT 'CR-' || c.id, c.source, c.external_ref, c.applicant_id, a.key_customer, c.kind, c.product, c.industry, c.region,
    c.channel, c.amount, c.currency, c.term_months, c.applied_at, c.received_at, c.state, c.pd, c.pd_low, c.pd_high,
    c.points, c.doubt, c.advice, c.outcome, c.decided_by, c.decided_at,
    c.decided_at IS NOT NULL AND (c.released_at IS NULL OR c.released_at <= now()),
    extract(epoch FROM c.decided_at - c.received_at) / 3600
FROM cases_case c JOIN cases_applicant a ON a.id = c.applicant_id
""",
)
ROUTES: Final = View(
    "routes",
    "One row each time the policy sent a case on its way.",
    {
        "ref": "Name of the case",
        "at": "When it was sent",
        "way": "approve and decline: by the machine; review: to a person",
        "policy": "Version of the policy: product, then number; empty where none was in force",
        "model": "Model that had scored it: product, then number",
        "first_reason": "Code of the first reason for the way",
        "is_audit": "Drawn for a look by people although the machine could decide",
        "audit_probability": "Chance of that draw",
        "is_exploration": "Approved by draw although the machine would decline",
        "exploration_probability": "Chance of that draw",
    },
    """
SELECT 'CR-' || r.case_id, r.at, r.way, p.product || ' ' || p.number, m.product || ' ' || m.number,
    r.reasons -> 0 ->> 'code', r.is_audit, r.audit_probability, r.is_exploration, r.exploration_probability
FROM routing_route r
LEFT JOIN routing_policy p ON p.id = r.policy_id
LEFT JOIN scoring_assessment s ON s.id = r.assessment_id
LEFT JOIN scoring_modelversion m ON m.id = s.model_id
""",
)
REVIEWS: Final = View(
    "reviews",
    "One row a decision of a person, those that were taken back before their release left out.",
    {
        "ref": "Name of the case",
        "reviewer": "User name of whoever decided",
        "outcome": "What they decided",
        "advice": "What they had been advised; empty where there was no advice",
        "is_override": "Whether they decided against the advice",
        "reason_codes": "Codes of their reasons",
        "signatures_needed": "How many second persons had to sign",
        "signed_by": "User names of those who confirmed it, in order",
        "claimed_at": "When they took the case",
        "at": "When they decided",
        "minutes": "Minutes from taking the case to the decision",
    },
    """
SELECT 'CR-' || r.case_id, u.username, r.outcome, r.advice, r.is_override, r.reason_codes, r.signatures_needed,
    ARRAY(SELECT s.username FROM cases_signature g JOIN cases_user s ON s.id = g.signer_id
          WHERE g.review_id = r.id AND g.verdict = 'confirm' ORDER BY g.id),
    r.claimed_at, r.at, extract(epoch FROM r.at - r.claimed_at) / 60
FROM cases_review r JOIN cases_user u ON u.id = r.reviewer_id
WHERE NOT EXISTS (SELECT FROM cases_caseevent e
                  WHERE e.case_id = r.case_id AND e.seq = r.seen_version + 2 AND e.name = 'take_back')
""",
)
OUTCOMES: Final = View(
    "outcomes",
    "One row a loan of which anything is known: its latest outcome. A correction restates and stands in its place.",
    {
        "ref": "Name of the case",
        "observed_at": "When the outcome was observed",
        "is_bad": "Whether the loan was bad then",
        "is_matured": "Whether its performance window (12 months, or its term if shorter) was over",
        "source": "outcome or exploration: matured; early_bad, immature_good: not yet",
    },
    """
SELECT DISTINCT ON (l.case_id) 'CR-' || l.case_id, l.observed_at, l.is_bad, l.source IN ('outcome', 'exploration'),
    l.source
FROM learning_label l WHERE l.source IN ('outcome', 'exploration', 'early_bad', 'immature_good')
ORDER BY l.case_id, l.observed_at DESC, l.id DESC
""",
)
DAILY: Final = View(
    "daily",
    f"One row a day (of the office clock, {OFFICE.key}) and product: what came in on that day, and what became of it.",
    {
        "day": f"Day the cases came in, by the office clock ({OFFICE.key})",
        "product": "Product",
        "received": "Cases that came in; those the lender had decided before are left out",
        "by_machine": "Of them, decided by the machine",
        "by_people": "Of them, decided by people",
        "undecided": "Of them, not decided or withdrawn",
        "approved": "Of them, approved",
        "declined": "Of them, declined",
        "seen_by_people": "Share sent to people of those that the policy sent on their way, 0 to 1",
        "median_hours": "Median hours from coming in to the decision",
    },
    """
SELECT (c.received_at AT TIME ZONE :office)::date, c.product, count(*),
    count(*) FILTER (WHERE c.decided_by = 'machine'), count(*) FILTER (WHERE c.decided_by = 'person'),
    count(*) FILTER (WHERE c.decided_by = ''),
    count(*) FILTER (WHERE c.outcome = 'approve'), count(*) FILTER (WHERE c.outcome = 'decline'),
    avg((w.way = 'review')::int),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.decided_at - c.received_at) / 3600)
FROM cases_case c
LEFT JOIN LATERAL (SELECT r.way FROM routing_route r WHERE r.case_id = c.id ORDER BY r.id LIMIT 1) w ON true
WHERE c.decided_by <> 'lender'
GROUP BY 1, 2
""",
)
OVERDUE: Final = View(
    "overdue",
    # A rate over fewer loans says more about the loans than about the group.
    "Bad rate of matured loans by quarter of application, product, industry and region; groups of 20 loans and more.",
    {
        "quarter": f"First day of the quarter of the application, by the office clock ({OFFICE.key})",
        "product": "Product",
        "industry": "Industry the loan went to",
        "region": "Region",
        "decided_by": "Who had approved: machine, person or lender",
        "loans": "Loans whose performance window is over and whose outcome is known",
        "bads": "Of them, bad",
        "bad_rate": "bads / loans, 0 to 1",
        "amount": "Amount of these loans, in currency",
        "currency": "Currency",
    },
    """
SELECT date_trunc('quarter', c.applied_at AT TIME ZONE :office)::date, c.product, c.industry, c.region, c.decided_by,
    count(*), count(*) FILTER (WHERE o.is_bad), avg(o.is_bad::int), sum(c.amount), c.currency
FROM (SELECT DISTINCT ON (case_id) case_id, is_bad, source FROM learning_label
      WHERE source IN ('outcome', 'exploration', 'early_bad', 'immature_good')
      ORDER BY case_id, observed_at DESC, id DESC) o
JOIN cases_case c ON c.id = o.case_id
WHERE o.source IN ('outcome', 'exploration')
GROUP BY 1, 2, 3, 4, 5, c.currency
HAVING count(*) >= 20
""",
)
VIEWS: Final = (CASES, ROUTES, REVIEWS, OUTCOMES, DAILY, OVERDUE)
