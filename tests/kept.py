"""The tables that only ever grow: their triggers refuse UPDATE, DELETE and TRUNCATE."""

KEPT = (
    "cases_caseevent",
    "cases_review",
    "cases_signature",
    "cases_document",
    "cases_comment",
    "cases_skip",
    "cases_opinion",
    "cases_adjudication",
    "cases_askedsigner",
    "cases_deskrules",
    "intake_ruleset",
    "intake_sourcestep",
    "intake_mappingversion",
    "scoring_assessment",
    "routing_policystep",
    "routing_route",
    "routing_assignment",
    "learning_label",
    "learning_trainingset",
    "learning_heldoutscore",
)
