"""Whether what the model says of a case is hidden: its reviewer says first what they think."""

from __future__ import annotations

from cases.models import Case


def veiled(case: Case) -> bool:
    return case.opinion_first and not case.outcome
