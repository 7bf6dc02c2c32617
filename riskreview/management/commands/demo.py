"""`demo`: everything on this machine: the sample book, the first champion, worker, beat and web server."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Count

from cases.models import Case
from cases.states import DecidedBy, State
from cases.terminal import progress_bar, report
from cases.wake import send_wake
from desk.demo import ACCOUNTS, DEMO_VARIABLE
from learning.models import Label
from riskreview import embedded, sample, sample_history
from riskreview.management.commands.drain import waiting
from riskreview.ports import free_port
from riskreview.processes import Children, Program
from routing.actions import active_policy
from routing.models import Route
from scoring.registry import champion_version

PASSWORD: Final = "riskreview-demo"  # noqa: S105  shown on the sign-in page of a server that only this machine reaches
PORT: Final = 8000
DRAIN_SECONDS: Final = 600
ANSWER_SECONDS: Final = 30
PYTHON: Final = sys.executable
# Threads, so that a worker goes on while the database writes, and takes in together what senders post at one moment.
WEB: Final = (
    *(PYTHON, "-m", "gunicorn", "riskreview.wsgi:application", "--preload", "--log-level", "warning"),
    *("--workers", "2", "--worker-class", "gthread", "--threads", "16", "--keep-alive", "75"),
)

# One thread a process: two processes with two threads each would only wait for each other on two cores.
THREADS: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Command(BaseCommand):
    help = "Run the whole product on this machine over the sample book of real loans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run the pipeline over the sample book, print, exit")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument("--cases", type=int, help="how many of the new cases to take in (default: all 10,000)")
        parser.add_argument("--json", action="store_true", help="with --once: print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        self.start = time.monotonic()
        self.quiet: bool = options["json"]
        try:
            self._demonstrate(options)
        except KeyboardInterrupt:
            self._say("Stopped; the next start goes on from here.")
            raise SystemExit(130) from None
        finally:
            connection.close()
            embedded.stop_held()

    def _demonstrate(self, options: dict[str, Any]) -> None:
        self._prepare(with_history=not options["once"])
        if options["once"]:
            with Children([worker(echo=False), beat(echo=False)], cwd=settings.BASE_DIR, logs=settings.VAR / "log"):
                self._run_pipeline(options["cases"])
            report(self.stdout, summary(), as_json=options["json"])
            return
        port = free_port(options["port"])
        if port != options["port"]:
            self._say(f"Port {options['port']} is taken; using {port}")
        programs = [web(port), worker(echo=False), beat(echo=False), long_worker(echo=False)]
        with Children(programs, cwd=settings.BASE_DIR, logs=settings.VAR / "log") as children:
            wait_until_it_answers(port)
            self._welcome(port)
            self._run_pipeline(options["cases"])
            self._say(f"All cases are decided or wait for a person. Open http://127.0.0.1:{port}/  (Ctrl-C stops)")
            connection.close()
            children.run(tick=embedded.renew)

    def _say(self, text: str) -> None:
        if not self.quiet:
            # Django writes to standard error in the colours of an error, which progress is not.
            self.stderr.write(f"[{time.monotonic() - self.start:5.1f} s] {text}", style_func=str)

    @contextmanager
    def _step(self, words: str, total: int | None = None) -> Iterator[Any]:
        """A step of the preparation: said when it begins, with a bar where somebody watches."""
        if not sys.stderr.isatty():
            self._say(words)
        with progress_bar(words, total) as bar:
            yield bar

    def _prepare(self, *, with_history: bool) -> None:
        """Migrate, make the accounts, and train the first champion if there is none. Quick when all is there. The
        made-up history is for people who look at the pages, and no part of what `--once` sums up."""
        self._say("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
        sample.make_accounts(PASSWORD)
        sample.make_duty()
        sample.make_desk_rules()
        if sample.is_ready():
            return
        with self._step("Loading the loans of 2016", 9857) as bar:
            sample.load_book(sample.HISTORY, progress=bar.update)
        with self._step("Recording how they went", 9857) as bar:
            sample.load_outcomes(sample.HISTORY, progress=bar.update)
        with self._step("Training the first champion") as bar:

            def tell(done: int, total: int, what: str) -> None:
                bar.total = total
                bar.set_postfix_str(what)
                bar.update(done - bar.n)

            sample.make_champion(tell)
        if active_policy(sample.PRODUCT) is None:
            sample.make_policy()
        if with_history:
            with self._step("Making up a history of decisions", sample_history.LOANS) as bar:
                sample_history.make_history(bar.update)

    def _run_pipeline(self, limit: int | None) -> None:
        """Take in the new cases and wait until the machine has done its part; then what became of its loans."""
        total = limit if limit is not None else 10_000
        if Case.objects.filter(source=sample.NEW_CASES.source).count() < total:
            with self._step("Taking in the cases of 2018", total) as bar:
                sample.load_book(sample.NEW_CASES, limit=limit, progress=bar.update)
        self._drain()
        if Label.objects.filter(given_by=sample.NEW_CASES.source).exists():
            return
        with self._step("Recording what is known of their loans", total) as bar:
            sample.load_outcomes(sample.NEW_CASES, limit=limit, progress=bar.update)

    def _drain(self) -> None:
        left = waiting()
        send_wake()
        with self._step("Scoring and routing", left) as bar:
            end = time.monotonic() + DRAIN_SECONDS
            while left:
                if time.monotonic() > end:
                    raise CommandError(f"{left} cases still wait for the machine; see {settings.VAR / 'log'}.")
                time.sleep(0.2)
                now_left = waiting()
                bar.update(max(0, left - now_left))
                left = now_left

    def _welcome(self, port: int) -> None:
        self.stdout.write(f"\nRiskReview runs at http://127.0.0.1:{port}/\n")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.role.value:<11} {account.username:<11} {PASSWORD}")
        self.stdout.write("")
        self.stdout.flush()


def wait_until_it_answers(port: int) -> None:
    """Whoever is told the address may open it at once.

    Raises:
        CommandError: the web server did not answer in time; its log says why.
    """
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"The web server does not answer on port {port}; see {settings.VAR / 'log'}.")


def worker(*, echo: bool = True) -> Program:
    """Decides, tells of decisions and reads streams."""
    return Program("worker", _celery_worker(settings.SHORT_QUEUE), environ=THREADS, stop_seconds=35, echo=echo)


def long_worker(*, echo: bool = True) -> Program:
    """Works through files, databases and models; begins once the sample book is decided, which it would slow down."""
    command = _celery_worker(settings.LONG_QUEUE)
    return Program("long-worker", command, environ=THREADS, stop_seconds=35, echo=echo, waits=True)


def _celery_worker(queue: str) -> tuple[str, ...]:
    options = (f"--queues={queue}", f"--hostname={queue}@%h", "--concurrency=2", "--loglevel=WARNING")
    return (PYTHON, "-m", "celery", "-A", "riskreview", "worker", *options)


def beat(*, echo: bool = True) -> Program:
    return Program("beat", (PYTHON, "-m", "celery", "-A", "riskreview", "beat", "--loglevel=WARNING"), echo=echo)


def web(port: int) -> Program:
    return Program("web", (*WEB, "--bind", f"127.0.0.1:{port}"), environ={DEMO_VARIABLE: PASSWORD, **os.environ})


def summary() -> dict[str, Any]:
    """What became of the sample book."""
    mine = Case.objects.exclude(decided_by=DecidedBy.LENDER)
    states = dict(mine.values_list("state").annotate(n=Count("pk")).order_by())
    ways = dict(Route.objects.values_list("way").annotate(n=Count("pk")).order_by())
    routed = sum(ways.values())
    version = champion_version(sample.PRODUCT)
    return {
        "cases": mine.count(),
        **{f"{state.value}": states[state.value] for state in State if state.value in states},
        "seen_by_people_share": round(ways.get("review", 0) / routed, 4) if routed else 0,
        "audit_cases": Route.objects.filter(is_audit=True).count(),
        "labels": dict(Label.objects.values_list("source").annotate(n=Count("pk")).order_by()),
        "model": str(version),
        "auc": round(version.metrics["auc"], 4) if version else None,
    }
