"""Health: alive, ready with every dependency named, and figures for Prometheus."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.states import State
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.worker import worker_environ

ASK = """
import django, json
django.setup()
from django.test import Client
client = Client()
print(json.dumps([[a.status_code, a.json()] for a in (client.get("/healthz"), client.get("/readyz"))]))
"""


def test_alive_needs_nothing_else(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_ready_names_every_dependency(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "down": [],
        "checks": {"database": "ok", "broker": "ok", "artefacts": "ok"},
    }


def test_a_broker_that_is_away_is_named(db: None, client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["down"]) == ("not ready", ["broker"])
    assert "secret" not in response.content.decode()


def test_an_artefact_folder_that_cannot_be_used_is_named(
    db: None, client: Client, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "artefacts").write_text("a file where the folder should be")
    settings.ARTEFACTS = tmp_path / "artefacts"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["down"]) == (503, ["artefacts"])


def test_without_database_and_broker_it_is_alive_but_not_ready(db: None) -> None:
    addresses = {
        "DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none",
        "REDIS_URL": "redis://:secret@127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "riskreview.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=project_settings.BASE_DIR,
        env=worker_environ(**addresses, RISKREVIEW_ALLOWED_HOSTS="testserver"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    alive, ready = json.loads(done.stdout)
    assert alive == [200, {"status": "ok"}]
    assert (ready[0], ready[1]["down"]) == (503, ["broker", "database"])
    assert "secret" not in done.stdout


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_is_only_read(db: None, client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def figures(client: Client) -> dict[str, float]:
    response = client.get("/metrics")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = response.content.decode().splitlines()
    assert response.content.endswith(b"\n")
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_metrics_count_the_cases_of_every_state(champion: ModelVersion, policy: Policy, client: Client) -> None:
    empty = figures(client)
    assert {name for name, value in empty.items() if value == 0} == set(empty)
    make.queued_case("A-1")
    make.case("A-2")
    counted = figures(client)
    assert counted['riskreview_cases{state="queued"}'] == 1
    assert counted['riskreview_cases{state="received"}'] == 1
    assert {name for name in counted if name.startswith("riskreview_cases{")} == {
        f'riskreview_cases{{state="{state.value}"}}' for state in State
    }


def test_metrics_tell_how_long_the_oldest_case_waits_for_the_machine(db: None, client: Client) -> None:
    case = make.case("A-1")
    Case.objects.filter(pk=case.pk).update(received_at=timezone.now() - timedelta(minutes=10))
    assert figures(client)["riskreview_machine_oldest_seconds"] == pytest.approx(600, abs=30)
