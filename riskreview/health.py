"""Is the service alive, is everything it needs there, and a few figures for Prometheus. No state in the process."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from cases.models import Case
from cases.states import State
from learning.models import MonitoringAlarm
from scoring.models import Breaker

TIMEOUT_SECONDS: Final = 2
CONTENT: Final = "text/plain; version=0.0.4; charset=utf-8"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cases_case LIMIT 1")


def check_broker() -> None:
    broker = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS)
    try:
        broker.ping()
    finally:
        broker.close()


def check_artefacts() -> None:
    settings.ARTEFACTS.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.ARTEFACTS, os.R_OK | os.W_OK):
        raise PermissionError(f"{settings.ARTEFACTS} is not readable and writable")


DEPENDENCIES: Final[dict[str, Callable[[], None]]] = {
    "database": check_database,
    "broker": check_broker,
    "artefacts": check_artefacts,
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Every dependency answers; 503 names those that do not."""
    down = {}
    for name, check in DEPENDENCIES.items():
        try:
            check()
        except (DatabaseError, RedisError, OSError) as error:
            down[name] = type(error).__name__
    status = "ready" if not down else "not ready"
    checks = {name: down.get(name, "ok") for name in DEPENDENCIES}
    return JsonResponse({"status": status, "down": sorted(down), "checks": checks}, status=503 if down else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Cases by state, the age of the oldest one that waits for the machine (a liveness probe of its progress), breakers
    that are not closed, and drift alarms that nobody has acknowledged."""
    counts = dict(Case.objects.values_list("state").annotate(n=Count("pk")).order_by())
    oldest = Case.objects.waiting_for_machine().aggregate(since=Min("received_at"))["since"]
    not_closed = Breaker.objects.exclude(state=Breaker.State.CLOSED)
    breakers = dict(not_closed.values_list("state").annotate(n=Count("pk")).order_by())
    alarms = MonitoringAlarm.objects.filter(acknowledged_at__isnull=True).count()
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    lines = [
        "# HELP riskreview_cases Cases by state.",
        "# TYPE riskreview_cases gauge",
        *(f'riskreview_cases{{state="{state.value}"}} {counts.get(state.value, 0)}' for state in State),
        "# HELP riskreview_machine_oldest_seconds Age of the oldest case that waits for the machine.",
        "# TYPE riskreview_machine_oldest_seconds gauge",
        f"riskreview_machine_oldest_seconds {age:.3f}",
        "# HELP riskreview_breakers Circuit breakers of models by state, without those that are closed.",
        "# TYPE riskreview_breakers gauge",
        *(f'riskreview_breakers{{state="{state}"}} {breakers.get(state, 0)}' for state in ("open", "half_open")),
        "# HELP riskreview_drift_alarms Drift alarms that nobody has acknowledged.",
        "# TYPE riskreview_drift_alarms gauge",
        f"riskreview_drift_alarms {alarms}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=CONTENT)
