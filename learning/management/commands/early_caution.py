"""`early_caution`: what blind opinions say of a champion that has no outcomes of its own, and a draft for that."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from cases.errors import CaseError
from cases.models import User
from cases.terminal import report
from learning.early_caution_reading import Said, said_of_champion
from routing.actions import active_policy, terms_of
from routing.drafting import draft_policy
from routing.facts import lowered
from routing.models import Policy
from routing.terms import Terms


class Command(BaseCommand):
    help = (
        "Tell by how much the model in force is too hopeful according to people who gave their view before they saw "
        "its score, and to which PDs that would lower the lines. With --draft an administrator has a version of the "
        "policy drafted with that caution: it goes the way of every version, and nothing changes before it is signed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", default="consumer")
        parser.add_argument("--draft", action="store_true", help="draft a version of the policy with this caution")
        parser.add_argument("--by", metavar="USERNAME", help="the administrator who drafts it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        product = options["product"]
        said = said_of_champion(product)
        if said is None:
            raise CommandError(f"No model of {product} is in force.")
        policy = active_policy(product)
        terms = terms_of(policy) if policy else None
        told = figures(said, terms)
        if options["draft"]:
            told["draft"] = str(self._drafted(said, terms, product, options["by"]))
        report(self.stdout, told, as_json=options["json"])

    def _drafted(self, said: Said, terms: Terms | None, product: str, username: str | None) -> Policy:
        person = User.objects.filter(username=username).first() if username else None
        if person is None:
            raise CommandError("Say with --by which administrator drafts it.")
        caution = round(said.caution, 2)
        if terms is None or caution == terms.caution:
            raise CommandError("There is nothing to change: the policy in force has this caution, or none is in force.")
        purpose = f"Caution {caution:.2f} instead of {terms.caution:.2f}, by what people said before they saw the score"
        try:
            return draft_policy(product, by=person, terms=replace(terms, caution=caution), purpose=purpose)
        except CaseError as refusal:
            raise CommandError(str(refusal)) from refusal


def figures(said: Said, terms: Terms | None) -> dict[str, Any]:
    """What is printed: the estimate, the caution in force, and the lines with the one and the other."""
    told = {"model": str(said.model), "own_share": said.own_share, "is_over": said.is_over}
    told |= asdict(said.found) if said.found else {}
    told |= {"caution": said.caution}
    if terms is not None:
        lines = np.array([terms.approve_below, terms.decline_above])
        told["caution_in_force"] = terms.caution
        told |= {"lines_in_force": lowered(lines, terms.caution).tolist()}
        told |= {"lines_proposed": lowered(lines, said.caution).tolist()}
    return told
