"""Everything that is named exists: tasks and templates; and a production environment has nothing to complain of."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.utils.module_loading import import_string

from cases.wake import ADVANCE_TASK
from desk.errors import PAGES
from intake.ways_in.consuming import CONSUME_TASK
from intake.ways_in.kept_messages import TRY_TASK
from intake.ways_in.pulling import PULL_TASK
from learning.past_reading import READ_PAST_TASK
from learning.set_requests import BUILD_TASK
from learning.training_requests import TRAIN_TASK
from outgoing.feeding import SEND_FEEDS
from riskreview.flow import LINK_APPLICANTS, SEND_WEBHOOKS, TAKE_IN_FILES
from tests.worker import worker_environ

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
NAMED = re.compile(r"^[\w/-]+\.html(#\w+)?$")
USED = re.compile(r"{%\s*(?:include|extends)\s+\"([^\"]+)\"")
# Django finds these by itself.
BY_CONVENTION = {"404.html", "403.html", "400.html", "500.html", "403_csrf.html"}


def test_every_task_that_is_named_exists() -> None:
    current_app.loader.import_default_modules()
    named = {
        ADVANCE_TASK,
        BUILD_TASK,
        CONSUME_TASK,
        LINK_APPLICANTS,
        PULL_TASK,
        READ_PAST_TASK,
        SEND_FEEDS,
        SEND_WEBHOOKS,
        TAKE_IN_FILES,
        TRAIN_TASK,
        TRY_TASK,
        *(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()),
    }
    own = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert (
        named
        == own
        == {
            "riskreview.tasks.advance",
            "riskreview.tasks.sweep",
            "riskreview.tasks.read_past_cases",
            "riskreview.tasks.take_in_files",
            "riskreview.tasks.link_applicants",
            "riskreview.tasks.pull_sources",
            "riskreview.tasks.consume_streams",
            "riskreview.tasks.take_in_kept_messages",
            "riskreview.tasks.build_training_sets",
            "riskreview.tasks.propose_training_sets",
            "riskreview.tasks.train_challengers",
            "riskreview.tasks.send_webhooks",
            "riskreview.tasks.send_decision_feeds",
            "riskreview.tasks.export_reporting",
            "riskreview.tasks.prune_messages",
            "riskreview.tasks.tell_of_watched_sources",
        }
    )
    for name in named:
        assert callable(import_string(name))


# Those that a decision waits for, or somebody who is told of it; none of them may take minutes where nothing hangs.
SHORT_TASKS = {
    "riskreview.tasks.advance",
    "riskreview.tasks.sweep",
    "riskreview.tasks.consume_streams",
    "riskreview.tasks.send_webhooks",
    "riskreview.tasks.send_decision_feeds",
}


def test_every_task_is_either_short_or_long_and_goes_to_the_queue_of_its_kind() -> None:
    current_app.loader.import_default_modules()
    own = {name for name in current_app.tasks if not name.startswith("celery.")}
    long_tasks = set(settings.CELERY_TASK_ROUTES)
    assert (SHORT_TASKS | long_tasks, SHORT_TASKS & long_tasks) == (own, set())
    router = current_app.amqp.Router()
    queues = {name: router.route({}, name)["queue"].name for name in own}
    assert queues == {name: "long" if name in long_tasks else "celery" for name in own}
    assert set(current_app.amqp.queues.consume_from) == {"celery", "long"}


WORKER_START = """
import sys
from celery.app.utils import find_app
files = {"confluent_kafka", "openpyxl", "pyarrow", "sqlalchemy"}
training = {"lightgbm", "scipy.optimize", "scipy.stats", "sklearn", "xgboost"}
# As the program `celery -A riskreview worker` does.
find_app("riskreview").loader.init_worker()
print(*sorted((files | training | {"desk.views"}) & set(sys.modules)))
# The checks of a command's start read the addresses, and so every page.
import riskreview.urls
print(*sorted((files | training) & set(sys.modules)))
"""


@pytest.mark.django_db
def test_a_worker_or_a_command_starts_without_what_only_training_and_files_need() -> None:
    started = subprocess.run(
        [sys.executable, "-c", WORKER_START],
        cwd=ROOT,
        env=worker_environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (started.returncode, started.stdout) == (0, "\n\n"), started.stderr


def test_the_sweep_runs_often_enough_for_a_person_to_wait_for_it() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"] == 5.0
    assert settings.MACHINE_LEASE_SECONDS > settings.CELERY_TASK_TIME_LIMIT > settings.CELERY_TASK_SOFT_TIME_LIMIT


def templates_named_in_code() -> set[str]:
    """Every text in our Python that looks like a template, without its partial."""
    found = {f"errors/{status}.html" for status in PAGES}
    for folder in ("desk", "riskreview"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.match(node.value):
                    found.add(node.value)
    return found


def test_every_template_that_is_named_exists_with_its_partial() -> None:
    named = templates_named_in_code()
    assert len(named) > 15
    for name in named:
        get_template(name)


def test_every_template_is_used_and_uses_what_exists() -> None:
    used = {name.partition("#")[0] for name in templates_named_in_code()} | BY_CONVENTION
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    for name in sorted(there):
        get_template(name)
        parts = set(USED.findall((TEMPLATES / name).read_text(encoding="utf-8")))
        assert parts <= there, name
        used |= parts
    assert there - used == set()


def test_nothing_in_a_template_is_rendered_unescaped() -> None:
    assert engines["django"].engine.autoescape  # type: ignore[attr-defined]
    for path in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text(encoding="utf-8")), path


def test_no_comment_of_a_template_goes_over_a_line_which_django_would_show() -> None:
    for path in TEMPLATES.rglob("*.html"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.count("{#") != line.count("#}")] == [], path


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "manage.py", *arguments],
        cwd=ROOT,
        env=worker_environ(DJANGO_SETTINGS_MODULE="riskreview.settings", **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PRODUCTION = {
    "RISKREVIEW_DEBUG": "0",
    "RISKREVIEW_SECRET_KEY": "k3y-x9" * 10,
    "RISKREVIEW_FIELD_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "RISKREVIEW_ALLOWED_HOSTS": "risk.example.com",
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_production_environment_is_clean(language: str) -> None:
    checked = manage("check", "--deploy", "--fail-level", "INFO", RISKREVIEW_LANGUAGE=language, **PRODUCTION)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "RISKREVIEW_DEBUG"])
def test_production_does_not_start_without_what_it_needs(name: str) -> None:
    refused = manage("check", **{**PRODUCTION, name: ""})
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"{name} is not set")
    assert refused.stderr.count("\n") == 1
