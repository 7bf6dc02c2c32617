"""`simulate_policy`: replays past cases under another policy, from a YAML or JSON file, and prints what changes."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from cases.models import Case
from cases.terminal import progress_bar, report
from learning.past_cases import last_days
from learning.replayed_policy import replayed
from routing.actions import active_policy, terms_of
from routing.fields import field_to_dict
from routing.models import Policy
from routing.product_fields import product_features
from routing.table.tables import TableErrors
from routing.terms import Terms, TermsError

DAYS: Final = 90


class Command(BaseCommand):
    help = "Replay past cases under another policy: who is decided by whom, what it costs, what people must do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="terms in YAML or JSON; what they leave out is as in the version in force")
        parser.add_argument("--product", default="consumer")
        parser.add_argument("--since", metavar="DATE", help="first day (default: the last 90 days with cases)")
        parser.add_argument("--until", metavar="DATE", help="last day (default: the last with cases)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        product = options["product"]
        terms = read_terms(Path(options["file"]), product)
        since, until = last_days(DAYS, product=product)
        since = _day("--since", options["since"], since)
        until = _day("--until", options["until"], until)
        if until < since:
            raise CommandError(f"--until {until} lies before --since {since}.")
        with progress_bar("Reading cases", None, unit=" cases") as bar:

            def tell(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            found = replayed(terms, product, since, until, progress=tell)
        if options["json"]:
            report(self.stdout, found, as_json=True)
            return
        report(self.stdout, _summary(found), as_json=False)


def read_terms(path: Path, product: str) -> Terms:
    """Terms from a file over those in force. CommandError names what cannot be read or used."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}") from problem
    if not isinstance(given, dict):
        raise CommandError(f"{path}: an object with the terms of a policy is expected.")
    active = active_policy(product)
    if active is None and not Case.objects.filter(product=product).exists():
        known = ", ".join(sorted(set(Policy.objects.values_list("product", flat=True)))) or "none"
        raise CommandError(f"There is no policy and no case of a product {product!r}. Products with a policy: {known}.")
    base = terms_of(active).to_dict() if active else {}
    features = [field_to_dict(field) for field in product_features(product)]
    try:
        return Terms.from_dict({**base, "features": features, **given})
    except TableErrors as refusal:
        raise CommandError("\n".join(str(problem) for problem in refusal.problems)) from refusal
    except TermsError as refusal:
        raise CommandError(str(refusal)) from refusal


def _day(option: str, given: str | None, usual: date) -> date:
    if given is None:
        return usual
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{option} {given}: a day such as 2026-01-31 is expected.")
    return day


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    """The figures that a terminal shows; everything stands in --json."""
    total, load = found["figures"]["total"], found["figures"]["load"]
    names = ("cases", "approve_share", "decline_share", "review_share", "expected_loss", "realised_loss", "matured")
    shown = {name: total[name] for name in names}
    shown |= {"miss_rate": total["miss_rate"]["value"], "reviews_a_day": load["reviews_a_day"]}
    shown |= {"hours_a_day": load["hours_a_day"], "beyond_capacity": load["beyond"]}
    moved = {f"{swap['was']}_to_{swap['would']}": swap["cases"] for swap in found["figures"]["swaps"]}
    return {**found["period"], **shown, **moved}
