"""The plain values of a mapping file, each of its kind; a refusal names the key and what is allowed there."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from intake.header_words.stated_zones import OPEN_ZONE
from intake.mapped.case_mapping import MappingError
from intake.shown.clocks import PACKED_CLOCKS
from intake.values.cell_dates import utc_offset

Choice = TypeVar("Choice", bound=str)
# What is a moment without a type.
_MOMENTS = frozenset({"fields.applied_at", "reference.as_of", "outcome.observed_at"})


def a_table(content: object, key: str, allowed: Collection[str] | None) -> dict[str, object]:
    if not isinstance(content, dict):
        raise wrong(key, content, "key: value")
    table = {a_key(name): value for name, value in content.items()}
    for name in table:
        if allowed is not None and name not in allowed:
            raise MappingError("mapping_unknown_key", key=f"{key}: {name}", allowed=", ".join(sorted(allowed)))
    return table


def a_key(name: object) -> str:
    return {True: "true", False: "false"}.get(name, str(name)) if isinstance(name, bool) else str(name)


def texts_of(content: object, key: str) -> Sequence[str]:
    if not isinstance(content, list | tuple) or any(isinstance(item, list | dict) for item in content):
        raise wrong(key, content, "[a, b, …]")
    return ["" if item is None else a_key(item) for item in content]


def text_of(item: dict[str, object], name: str, key: str, *, required: bool = False) -> str:
    value = item.get(name)
    if isinstance(value, list | dict | bool) or (required and value in (None, "")):
        raise wrong(f"{key}.{name}".strip("."), value, "text")
    return "" if value is None else str(value)


def one_of(item: dict[str, object], name: str, key: str, allowed: tuple[Choice, ...]) -> Choice:
    """The text of a key that has a few possible values, the first of them where it is not given."""
    text = text_of(item, name, key) or allowed[0]
    for one in allowed:
        if one == text:
            return one
    raise wrong(f"{key}.{name}".strip("."), text, ", ".join(filter(None, allowed)))


def flag_of(item: dict[str, object], name: str, key: str, *, default: bool) -> bool:
    value = item.get(name, default)
    if not isinstance(value, bool):
        raise wrong(f"{key}.{name}".strip("."), value, "true, false")
    return value


def number_of(value: object, key: str) -> Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation as problem:
        raise wrong(key, value, "number") from problem
    if isinstance(value, bool) or not number.is_finite():
        raise wrong(key, value, "number")
    return number


def zone_of(item: Mapping[str, object], key: str) -> str:
    """The offset that a column states of its moments, "" for none; what is read as no moment has none."""
    text = text_of(dict(item), "utc_offset", key)
    if text and item.get("type") != "date" and key not in _MOMENTS:
        raise wrong(f"{key}.type", item.get("type", "text"), "date")
    _check_zone(text, key)
    return text


def check_moment(options: Mapping[str, object], key: str) -> None:
    """Refuses what a day and a time of it cannot be put together by."""
    clock = str(options.get("clock", ""))
    if clock not in ("", *PACKED_CLOCKS):
        raise wrong(f"{key}.clock", clock, ", ".join(PACKED_CLOCKS))
    _check_zone(str(options.get("utc_offset", "")), key)


def _check_zone(text: str, key: str) -> None:
    try:
        if text not in ("", OPEN_ZONE):
            utc_offset(text)
    except ValueError as problem:
        raise wrong(f"{key}.utc_offset", text, f'"+08:00", "{OPEN_ZONE}"') from problem


def wrong(key: str, value: object, allowed: str) -> MappingError:
    return MappingError("mapping_wrong_value", key=key, value=str(value), allowed=allowed)
