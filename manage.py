#!/usr/bin/env python
"""Runs a command of RiskReview; starts the embedded servers first if no others are named."""

import base64
import os
import secrets
import sys

from django.core.management import execute_from_command_line

from riskreview import embedded
from riskreview.env import PROJECT, EnvError, read_env
from riskreview.env_file import load_file
from riskreview.programs import ServerError

# These only read and write files, so they must not wait for a database.
WITHOUT_SERVERS = {
    *("help", "version", "--version", "makemessages", "compilemessages", "collectstatic"),
    *("draw_machine", "backtest", "infer_features"),
}


# Of these nothing is kept that a secret would protect, and nothing is served.
WITHOUT_SECRETS = {"backtest", "infer_features"}


def say(text: str) -> None:
    """Progress belongs beside the output of a command, not into it."""
    print(text, file=sys.stderr, flush=True)


def add_what_passes() -> None:
    """Secrets that end with the process and a site that is never served, for a fresh checkout that names none yet."""
    fresh = {
        "RISKREVIEW_ALLOWED_HOSTS": "localhost",
        "RISKREVIEW_SECRET_KEY": secrets.token_urlsafe(48),
        "RISKREVIEW_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"),
    }
    for name, value in fresh.items():
        if not os.environ.get(name, "").strip():
            os.environ[name] = value


def main() -> int:
    """Run the command of `sys.argv`; 2 and one sentence if the environment or a server does not allow it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
    try:
        load_file(PROJECT / ".env", os.environ)
        if len(sys.argv) > 1 and sys.argv[1] in WITHOUT_SECRETS:
            add_what_passes()
        read_env(os.environ)  # so that a bad value is told before a server starts
        if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVERS and not {"-h", "--help"} & set(sys.argv):
            embedded.use_if_unset(say)
        execute_from_command_line(sys.argv)
    except (EnvError, ServerError) as refusal:
        say(str(refusal))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
