"""The form of the desk's rules, what was typed read back, and what each version changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from cases.desk_rules import FIELDS, SHARES
from cases.errors import BadDecision
from cases.models import DeskRules
from desk.pages.team import RuleField, RulesVersion
from desk.words import when


def rule_fields(rules: DeskRules, typed: Mapping[str, str] | None) -> tuple[RuleField, ...]:
    """The fields in their order; after a refused post they hold what was typed."""
    return tuple(_field(DeskRules._meta.get_field(name), rules, typed) for name in FIELDS)


def _field(field: Any, rules: DeskRules, typed: Mapping[str, str] | None) -> RuleField:
    value = shown_value(field.name, getattr(rules, field.name), plain=True)
    if typed is not None:
        value = typed.get(field.name, "")
    kinds = {models.BooleanField: "check", models.TimeField: "time", models.CharField: "text"}
    kind: Any = kinds.get(type(field), "percent" if field.name in SHARES else "number")
    return RuleField(field.name, str(field.verbose_name), value, kind)


def shown_value(name: str, value: Any, *, plain: bool = False) -> str:
    """A rule's value as it is typed (`plain`) or as it reads in the list of versions."""
    if isinstance(value, bool):
        return ("on" if value else "") if plain else (_("yes") if value else _("no"))
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if name in SHARES:
        digits = f"{value * 100:.4f}".rstrip("0").rstrip(".")
        return digits if plain else f"{digits}%"
    if isinstance(value, Decimal):
        return f"{value.quantize(Decimal(1)) if value == value.to_integral_value() else value:f}"
    return str(value)


def read_rules(typed: Mapping[str, str]) -> dict[str, Any]:
    """The values that were typed. Raises BadDecision naming the field that cannot be read."""
    return {name: _read(DeskRules._meta.get_field(name), typed.get(name, "").strip()) for name in FIELDS}


def _read(field: Any, text: str) -> Any:
    if isinstance(field, models.BooleanField):
        return text == "on"
    if isinstance(field, models.CharField):
        return text.lower() if field.name == "personal_fields" else text.upper()
    try:
        if isinstance(field, models.TimeField):
            found = parse_time(text)
            if found is None:
                raise ValueError
            return found
        number = Decimal(text.removesuffix("%").strip())
        if not number.is_finite():
            raise ValueError
        if field.name in SHARES:
            return float(number / 100)
        if isinstance(field, models.DecimalField):
            return number
        if number != int(number):
            raise ValueError
        return int(number)
    except (ValueError, InvalidOperation) as error:
        words = _("Enter a time, such as 09:00.") if isinstance(field, models.TimeField) else _("Enter a number.")
        raise BadDecision(field.name, words) from error


def rules_versions(versions: Sequence[DeskRules]) -> tuple[RulesVersion, ...]:
    """What each version changed against the one before it (the first against the usual rules), the latest first."""
    told, before = [], DeskRules()
    for version in versions:
        told.append(RulesVersion(when(version.set_at), version.set_by.display_name, version.reason,
                                 tuple(_changes(before, version))))  # fmt: skip
        before = version
    return tuple(reversed(told))


def _changes(before: DeskRules, after: DeskRules) -> list[str]:
    changed = []
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            words = DeskRules._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            changed.append(f"{words}: {shown_value(name, old)} → {shown_value(name, new)}")
    return changed
