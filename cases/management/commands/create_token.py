"""`create_token NAME --scope ingest`: makes an API token and prints it once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.accounts import create_token
from cases.errors import BadDecision
from cases.models import ApiToken


class Command(BaseCommand):
    help = "Make an API token. It is printed once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", required=True, choices=ApiToken.Scope.values)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(create_token(options["name"], scopes=options["scope"]))
        except BadDecision as refusal:
            raise CommandError(str(refusal)) from refusal
