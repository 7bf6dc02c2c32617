"""The tables that only ever grow: their triggers refuse UPDATE, DELETE and TRUNCATE."""

KEPT = (
    "cases_caseevent",
    "cases_review",
    "cases_signature",
    "scoring_assessment",
    "routing_policystep",
    "routing_route",
    "routing_assignment",
    "learning_label",
    "learning_trainingset",
    "learning_heldoutscore",
)
