"""What is read of a database, a stream or a topic, as an administrator states it; no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision
from intake.models import Way
from intake.recognition.mapping import mapping_of_text
from intake.wording.sentences import IntakeError

QUERY_MOST: Final = 20_000
NAME: Final = re.compile(r"[^\x00-\x20\x7f\"'`;\\]{1,128}")
# Kafka's own rule for topics; streams and groups follow it loosely.
TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
GROUP: Final = "riskreview"
LIMITS: Final = {
    "rows_most": (1, 1_000_000),
    "seconds_most": (1, 3_600),
    "settle_seconds": (0, 86_400),
    "every_minutes": (1, 43_200),
    # Turns at which nothing came are kept for thirty days.
    "look_back_hours": (0, 720),
    "look_back_minutes": (1, 43_200),
}
NUMBER_WORDS: Final = _("Enter a whole number from %(least)s to %(most)s.")


@dataclass(frozen=True)
class SqlSettings:
    """A query and how it is gone through.

    Rows are read in the order of `watermark` and, where it is the same, of `key`, at most `rows_most` a pull; a
    statement ends after `seconds_most`. A row whose watermark is younger than `settle_seconds` waits: one that is
    committed late would otherwise lie behind what was read. What came within the last `look_back_hours` (0: nothing)
    is read again every `look_back_minutes`, for those that were later still. `mapping` is YAML; "": recognised from the
    first rows.
    """

    query: str
    watermark: str
    key: str
    rows_most: int = 10_000
    seconds_most: int = 60
    settle_seconds: int = 60
    every_minutes: int = 60
    look_back_hours: int = 48
    look_back_minutes: int = 360
    mapping: str = ""


@dataclass(frozen=True)
class RedisSettings:
    """A stream, the consumer group that reads it, and the field of an entry that holds the case as JSON."""

    stream: str
    group: str = GROUP
    field: str = "body"


@dataclass(frozen=True)
class KafkaSettings:
    """A topic whose messages are cases as JSON, and the consumer group that reads it."""

    topic: str
    group: str = GROUP


Settings = SqlSettings | RedisSettings | KafkaSettings
KINDS: Final[dict[str, type[Settings]]] = {Way.SQL: SqlSettings, Way.REDIS: RedisSettings, Way.KAFKA: KafkaSettings}


def stored_settings(kind: str, stored: Mapping[str, Any]) -> Settings:
    """The settings of a connector as they are kept."""
    return KINDS[kind](**stored)


def checked_settings(kind: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The settings of this kind as they were typed, ready to be kept. Raises BadDecision, naming the field."""
    if kind == Way.SQL:
        return asdict(_sql(typed))
    if kind == Way.REDIS:
        names = {name: _name(name, typed, default) for name, default in (("stream", ""), ("group", GROUP))}
        return asdict(RedisSettings(**names, field=_name("field", typed, "body")))
    if kind == Way.KAFKA:
        return asdict(KafkaSettings(topic=_topic(typed), group=_name("group", typed, GROUP)))
    raise BadDecision("kind", _("Choose one of the list."))


def _sql(typed: Mapping[str, str]) -> SqlSettings:
    numbers = {name: _number(name, typed.get(name, "").strip()) for name in LIMITS}
    mapping = typed.get("mapping", "").strip()
    if mapping:
        try:
            mapping_of_text(mapping)
        except IntakeError as wrong:
            raise BadDecision("mapping", wrong.sentence(get_language() or "en")) from wrong
    return SqlSettings(
        query=_query(typed.get("query", "")),
        watermark=_name("watermark", typed, ""),
        key=_name("key", typed, ""),
        mapping=mapping,
        **{name: number for name, number in numbers.items() if number is not None},
    )


def _query(text: str) -> str:
    """One SELECT. It becomes a part of a larger question, so whatever ends it early would break out of that."""
    query = text.strip().removesuffix(";").strip()
    if not re.match(r"(?i)(select|with)\b", query):
        raise BadDecision("query", _("Enter a question that begins with SELECT or WITH."))
    if ";" in query or "\x00" in query or len(query) > QUERY_MOST:
        raise BadDecision("query", _("Enter one question without semicolons, of at most 20,000 characters."))
    return query


def _name(field: str, typed: Mapping[str, str], default: str) -> str:
    name = typed.get(field, "").strip() or default
    if not NAME.fullmatch(name):
        raise BadDecision(field, _("Enter a name without blanks, quotation marks and semicolons."))
    return name


def _topic(typed: Mapping[str, str]) -> str:
    topic = typed.get("topic", "").strip()
    if not TOPIC.fullmatch(topic) or topic in (".", ".."):
        raise BadDecision("topic", _("A topic is named by letters, digits, dots, hyphens and underscores."))
    return topic


def _number(field: str, text: str) -> int | None:
    least, most = LIMITS[field]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise BadDecision(field, NUMBER_WORDS % {"least": f"{least:,}", "most": f"{most:,}"})
    return int(text)
