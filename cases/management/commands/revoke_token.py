"""`revoke_token NAME`: ends an API token; from the next request on it opens nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.accounts import revoke_token
from cases.errors import BadDecision


class Command(BaseCommand):
    help = "End an API token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = revoke_token(options["name"])
        except BadDecision as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{token.name} is revoked since {token.revoked_at:%Y-%m-%d %H:%M} UTC.")
