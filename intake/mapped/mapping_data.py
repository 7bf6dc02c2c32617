"""Writes a mapping as plain data, to be stored beside what was imported with it or drafted anew."""

from dataclasses import replace
from datetime import timedelta

from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given

_PLAIN_PARTS = ("column", "type", "decimal", "format", "utc_offset", "prefix")


def mapping_as_data(mapping: CaseMapping) -> dict[str, object]:
    """The mapping as JSON-ready data, in the shape that `read_mapping` takes."""
    data: dict[str, object] = {
        "source": mapping.source,
        "utc_offset": _offset_text(mapping.zone.utcoffset(None)),
        "fields": {name: _given_as_data(given) for name, given in mapping.fields.items()},
        "features": {name: _given_as_data(given) for name, given in mapping.features.items()},
        "rest_as_features": mapping.rest_as_features,
        "drop": dict(mapping.drop),
    }
    if mapping.joins:
        data["joins"] = {name: {"source": join.source, "on": join.on} for name, join in mapping.joins.items()}
    if mapping.reference:
        kept = mapping.reference
        data["reference"] = {"key": _given_as_data(kept.key), "as_of": _given_as_data(kept.as_of)}
    if mapping.version:
        data["version"] = mapping.version
    if mapping.columns:
        data["columns"] = list(mapping.columns)
    if mapping.about:
        data["about"] = mapping.about
    if mapping.decided:
        data["decided"] = mapping.decided
    if mapping.outcome:
        outcome: dict[str, object] = {
            "column": mapping.outcome.column,
            "bad_values": sorted(mapping.outcome.bad_values),
            "good_values": sorted(mapping.outcome.good_values),
            "mature": mapping.outcome.mature,
        }
        if mapping.outcome.observed_at:
            outcome["observed_at"] = _given_as_data(mapping.outcome.observed_at)
        data["outcome"] = outcome
    return data


def taken_now(mapping: CaseMapping) -> CaseMapping:
    """A mapping that was kept, without its patterns that are refused now: to begin a new draft from."""
    reference, outcome = mapping.reference, mapping.outcome
    return replace(
        mapping,
        fields={name: replace(given, refused="") for name, given in mapping.fields.items()},
        features={name: replace(given, refused="") for name, given in mapping.features.items()},
        reference=reference
        and replace(reference, key=replace(reference.key, refused=""), as_of=replace(reference.as_of, refused="")),
        outcome=outcome
        and replace(outcome, observed_at=outcome.observed_at and replace(outcome.observed_at, refused="")),
    )


def _given_as_data(given: Given) -> dict[str, object]:
    if given.how in ("constant", "default"):
        return {given.how: given.value}
    if given.how == "import_time":
        return {given.how: True}
    if given.how == "row_hash":
        return {"row_hash": given.name or True, **({"prefix": given.prefix} if given.prefix else {})}
    if given.how in ("derive", "compute"):
        named = {given.how: given.name, "from": list(given.sources), "with": dict(given.options)}
        return named | ({"missing": sorted(given.missing)} if given.missing else {}) | _limits_as_data(given)
    data: dict[str, object] = {name: getattr(given, name) for name in _PLAIN_PARTS if getattr(given, name)}
    if given.other != "keep":
        data["other"] = given.other
    if given.missing:
        data["missing"] = sorted(given.missing)
    if given.values:
        data["values"] = dict(given.values)
    if given.scale is not None:
        data["scale"] = str(given.scale)
    if given.pattern is not None:
        data["pattern"] = given.pattern.pattern
    if given.refused:
        data["pattern"] = given.refused
    if given.unread:
        data["unread"] = given.unread
    if given.shares:
        data["shares"] = given.shares
    return data | _limits_as_data(given)


def _limits_as_data(given: Given) -> dict[str, object]:
    if given.limits is None:
        return {}
    limits = (("minimum", given.limits.minimum), ("maximum", given.limits.maximum))
    told: dict[str, object] = {name: str(limit) for name, limit in limits if limit is not None}
    return told | {"beyond": given.limits.beyond}


def _offset_text(offset: timedelta | None) -> str:
    minutes = round((offset or timedelta()).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
