"""Settings of the whole: values only. What differs between places comes from the environment (`riskreview/env.py`)."""

import os
import sys

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from riskreview import env as environment

ENV = environment.read_env(os.environ)
BASE_DIR = environment.PROJECT
VAR = ENV.var

# A developer's machine: local secrets, no TLS. Django's own debug pages, which show code and values, only in runserver.
IS_LOCAL = ENV.debug
DEBUG = IS_LOCAL and "runserver" in sys.argv
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = list(ENV.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_fsm",
    "django_htmx",
    "ninja",
    "template_partials",
    "cases",
    "intake",
    "scoring",
    "routing",
    "portfolio",
    "learning",
    "outgoing",
    "desk",
    "riskreview",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "desk.undo.UndoMiddleware",
    "desk.errors.RefusalMiddleware",
    "cases.api.problem_middleware",
]

ROOT_URLCONF = "riskreview.urls"
WSGI_APPLICATION = "riskreview.wsgi.application"
ASGI_APPLICATION = "riskreview.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.shell.shell",
                "desk.undo.undo",
            ],
        },
    },
]

# One database, used fully. An old open snapshot ruins the claim queue, so idle transactions end by themselves.
DATABASES = {
    "default": {
        **ENV.database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c idle_in_transaction_session_timeout=60000",
            **ENV.database.get("OPTIONS", {}),  # type: ignore[dict-item]
        },
    }
}
# A batch of 10,000 cases with all their features; Django's own limit would refuse it at about 4,000.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20
# A decision table is posted cell by cell; Django's own 1,000 fields would refuse one of fifty rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.redis_url
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "cases.User"
AUTHENTICATION_BACKENDS = ["cases.backends.PersonBackend"]
LOGIN_URL = "desk:login"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "desk:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_AGE = 12 * 3600

LANGUAGE_CODE = ENV.language
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "desk.bundles.BundleFinder",
]
STATIC_ROOT = None if IS_LOCAL else VAR / "static"
WHITENOISE_USE_FINDERS = IS_LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": {"BACKEND": "cases.attachments.WriteOnceStorage", "OPTIONS": {"location": str(VAR / "attachments")}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Policy A: nothing from elsewhere, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
CSRF_FAILURE_VIEW = "desk.errors.forged"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not IS_LOCAL
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The health checks are asked inside the fleet, where there is no TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

# Celery only wakes; the rows in PostgreSQL are the work. A message that is lost costs seconds, never a case.
# Late acknowledgement with reject-on-lost is safe because every attempt is counted in PostgreSQL before it starts. What
# takes longer than the visibility timeout is delivered a second time while it runs: by a lock, a lease or a heartbeat
# in PostgreSQL it finds that the first is at work, and does nothing; the nightly export writes a draft of its own.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
# With late acknowledgement a process holds the one message that it works at and no other behind it.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Two queues, so that no task of minutes keeps a decision waiting. Long is what works through files, databases, models
# and old rows, and what may hang; the rest is short: deciding, reading streams, telling of decisions. A worker without
# -Q takes from both.
SHORT_QUEUE, LONG_QUEUE = "celery", "long"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in (SHORT_QUEUE, LONG_QUEUE)]
CELERY_TASK_ROUTES = {
    f"riskreview.tasks.{name}": {"queue": LONG_QUEUE}
    for name in (
        *("link_applicants", "take_in_files", "take_in_kept_messages", "pull_sources", "read_past_cases"),
        *("build_training_sets", "propose_training_sets", "train_challengers", "export_reporting", "prune_messages"),
        "tell_of_watched_sources",
    )
}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
# Without this, Celery's Django fixup opens a new PostgreSQL connection for every task.
CELERY_DB_REUSE_MAX = 1000
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "riskreview.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "export_reporting": {"task": "riskreview.tasks.export_reporting", "schedule": crontab(hour=2, minute=30)},
    "watched sources": {"task": "riskreview.tasks.tell_of_watched_sources", "schedule": crontab(hour=1, minute=0)},
    "prune_messages": {"task": "riskreview.tasks.prune_messages", "schedule": crontab(hour=3, minute=30)},
    "propose sets": {"task": "riskreview.tasks.propose_training_sets", "schedule": 3600.0, "options": {"expires": 600}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")

# The work itself. A lease outlives the hard time limit, so that two workers never hold the same case.
MACHINE_CHUNK = 256
MACHINE_LEASE_SECONDS = 120
MACHINE_ATTEMPTS = 3
CLAIM_LEASE_MINUTES = 15
# After so long a case that was handed to somebody and still waits is free for others.
ASSIGNMENT_HOURS = 4
# A document of a case: most bytes, most files of one upload, and the command that looks for viruses ((): none).
DOCUMENT_BYTES = 20 * 2**20
DOCUMENTS_AT_ONCE = 20
SCAN_COMMAND = ENV.scan_command
SCAN_SECONDS = 60
# Keys that secrets at rest are sealed with, the newest first; and the lender's own networks that a webhook may call.
FIELD_KEYS = ENV.field_keys
WEBHOOK_NETWORKS = ENV.webhook_networks
# Where databases and brokers of the lender's own may be, the folder of SQLite files, and Kafka's brokers by default.
SOURCE_NETWORKS = ENV.source_networks
SOURCE_DATABASES = VAR / "databases"
KAFKA_BROKERS = ENV.kafka_brokers
# What tells intake, which knows no models, what the model of a product has learnt from.
USUAL_OF_PRODUCT = "scoring.usual.usual_of_champion"
# Files put here, in a folder named as their source, are taken in; most bytes of one that is uploaded.
INCOMING = VAR / "incoming"
INCOMING_BYTES = 500 * 2**20
ARTEFACTS = VAR / "artefacts"
DATASETS = VAR / "datasets"
EXPORTS = VAR / "exports"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}

# A fast hash for test accounts only: the real one takes a third of a second by design.
if "pytest" in sys.modules:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
