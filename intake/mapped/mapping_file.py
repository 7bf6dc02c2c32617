"""Reads a mapping from YAML and writes it as plain data; every refusal names the key and what is allowed there."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import yaml

from intake.mapped.case_mapping import CHINA, CaseMapping, MappingError, Outcome
from intake.mapped.derive import COMPUTATIONS, DERIVATIONS, OF_MOMENTS, OF_TEXT
from intake.mapped.fields import APPLICANT_FIELDS, TOP_FIELDS, is_slug
from intake.mapped.given import BY_VALUES, HOWS, NUMBERS, Given, How, Shares
from intake.mapped.joined import JOINED_ON, Join, Reference, join_of
from intake.mapped.mapping_values import (
    a_table,
    check_moment,
    flag_of,
    number_of,
    one_of,
    text_of,
    texts_of,
    wrong,
    zone_of,
)
from intake.mapped.stated_scales import check_scales, read_scales
from intake.mapped.yaml_files import read_yaml, read_yaml_text, yaml_fault
from intake.standards import STANDARDS
from intake.values.cell_dates import utc_offset
from intake.values.cells import OPEN_MARK, CellError, lookup_key
from intake.values.outliers import BEYOND, FIELDS_OF_NUMBERS, Limits
from intake.values.safe_patterns import PATTERN_MOST, PatternRefused, safe_pattern

FIELDS = (TOP_FIELDS - {"source", "applicant", "features"}) | {f"applicant.{name}" for name in APPLICANT_FIELDS}
TYPES = (*NUMBERS, "text", "flag", "date", *STANDARDS)
DROP_REASONS = (
    "known_after_decision", "identifier", "duplicate", "row_counter", "personal", "not_used", "other_reference",
    "other_currency",
)  # fmt: skip
# As what a text that is none may stay as it stands; a day only where it is a feature.
KEEPING = ("industry", "region", "date")
DECISIONS: tuple[Literal["", "approved", "declined"], ...] = ("", "approved", "declined")
OTHERS: tuple[Literal["keep", "refuse", "missing"], ...] = ("keep", "refuse", "missing")
SHARES: tuple[Shares, ...] = ("", "refuse", "refuse_ratios", "refuse_signed")
UNREAD: tuple[Literal["", "keep"], ...] = ("", "keep")
_TOP_KEYS = {"about", "source", "utc_offset", "fields", "features", "rest_as_features", "drop", "outcome", "decided"}
_TOP_KEYS |= {"joins", "reference"}
# Written with a stored mapping: the columns of the table it was bound to, in order, and the version it was signed as.
_TOP_KEYS |= {"columns", "version"}
_COLUMN_KEYS = {"column", "type", "values", "other", "missing", "scale", "pattern", "decimal", "format", "prefix"}
_JOIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_LIMITS = frozenset({"minimum", "maximum", "beyond"})
_COLUMN_KEYS |= {*_LIMITS, "shares", "unread", "utc_offset"}
_OUTCOME_KEYS = {"column", "bad_values", "good_values", "observed_at", "mature"}


def load_mapping(path: str | Path, *, source: str = "") -> CaseMapping:
    """The mapping of a YAML file. `source` names the source of its rows and wins over the file's own.

    Raises MappingError with the key that is wrong and what is allowed there.
    """
    path = Path(path)
    try:
        content = read_yaml(path)
    except OSError as problem:
        raise MappingError("mapping_missing", value=str(path)) from problem
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        code, params = yaml_fault(problem)
        raise MappingError(code, **params) from problem
    return read_mapping(content, source=source)


def mapping_of_text(text: str, *, source: str = "") -> CaseMapping:
    """The mapping of a YAML text. Raises as `load_mapping`."""
    try:
        content = read_yaml_text(text)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        code, params = yaml_fault(problem)
        raise MappingError(code, **params) from problem
    return read_mapping(content, source=source)


def read_mapping(content: object, *, source: str = "", kept: bool = False) -> CaseMapping:
    """A mapping from plain data of the same shape as its YAML (or as `mapping_as_data` writes it).

    `kept` is for looking at one that was taken before: a pattern or limits that are refused now do not keep it from
    being read; no cell is matched by such a pattern (`Given.refused`).
    """
    top = a_table(content, "mapping", _TOP_KEYS)
    zone = CHINA
    if "utc_offset" in top:
        try:
            zone = utc_offset(str(top["utc_offset"]))
        except ValueError as problem:
            raise wrong("utc_offset", top["utc_offset"], '"+08:00"') from problem
    mapping = CaseMapping(
        source=source or text_of(top, "source", ""),
        fields=_givens(top, "fields", FIELDS, kept),
        features=_givens(top, "features", None, kept),
        rest_as_features=flag_of(top, "rest_as_features", "", default=False),
        drop=_drop(top.get("drop", {})),
        outcome=_outcome(top["outcome"], kept) if top.get("outcome") is not None else None,
        decided=one_of(top, "decided", "", DECISIONS),
        zone=zone,
        about=text_of(top, "about", ""),
        columns=tuple(texts_of(top.get("columns", []), "columns")),
        joins=_joins(top.get("joins") or {}),
        reference=_reference(top["reference"], kept) if top.get("reference") is not None else None,
        version=_version(top.get("version", 0)),
    )
    _check_joins(mapping)
    if not kept:
        check_scales(mapping)
    return mapping


def _version(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong("version", value, "1, 2, 3, …")
    return value


def _joins(content: object) -> dict[str, Join]:
    joins = {}
    for name, item in a_table(content, "joins", None).items():
        key = f"joins.{name}"
        entry = a_table(item, key, {"source", "on"})
        if not _JOIN_NAME.fullmatch(name):
            raise wrong("joins", name, "a-z, 0-9, _")
        source = text_of(entry, "source", key, required=True)
        if not is_slug(source):
            raise wrong(f"{key}.source", source, "a-z, 0-9, -, _")
        joins[name] = Join(source, one_of(entry, "on", key, JOINED_ON))
    return joins


def _reference(content: object, kept: bool) -> Reference:
    item = a_table(content, "reference", {"key", "as_of"})
    if item.get("key") is None:
        raise MappingError("mapping_no_key", key="reference.key")
    given = {name: read_given(item.get(name), f"reference.{name}", kept=kept) for name in ("key", "as_of")}
    if given["key"].how != "column":
        raise wrong("reference.key", given["key"].how, "column")
    if given["as_of"].how not in ("column", "import_time"):
        raise wrong("reference.as_of", given["as_of"].how, "column, import_time")
    return Reference(given["key"], given["as_of"])


def _check_joins(mapping: CaseMapping) -> None:
    """A join needs the case's own key and time, which another source cannot tell; MappingError names what is wrong."""
    for name, join in mapping.joins.items():
        for field in (join.on, "applied_at"):
            given = mapping.fields.get(field)
            if given is None or (given.is_derived and given.how != "import_time"):
                raise MappingError("mapping_join_needs", key=f"joins.{name}", name=field)
            if any(join_of(column, mapping.joins) for column in given.columns):
                raise MappingError("mapping_join_needs", key=f"joins.{name}", name=field)


def _givens(top: dict[str, object], section: str, allowed: Collection[str] | None, kept: bool) -> dict[str, Given]:
    content = a_table(top.get(section) or {}, section, allowed)
    return {name: read_given(item, f"{section}.{name}", kept=kept) for name, item in content.items()}


def read_given(content: object, key: str, *, kept: bool = False) -> Given:
    """Where one value comes from, e.g. {column: amt, scale: 0.01} or {constant: CNY}."""
    item = a_table(content, key, None)
    hows = [how for how in HOWS if how in item]
    if len(hows) != 1:
        raise MappingError("mapping_no_kind", key=key, allowed=", ".join(HOWS))
    how = hows[0]
    if how == "column":
        return _column(a_table(item, key, _COLUMN_KEYS), key, kept)
    if how in ("derive", "compute"):
        own = {"missing", *_LIMITS} if how == "compute" else set()
        return _named(how, a_table(item, key, {how, "from", "with"} | own), key, kept)
    a_table(item, key, {how, "prefix"} if how == "row_hash" else {how})
    if how == "row_hash" and item[how] == BY_VALUES:
        return Given(how, name=BY_VALUES, prefix=text_of(item, "prefix", key))
    if how in ("row_hash", "import_time"):
        if item[how] is not True:
            raise wrong(f"{key}.{how}", item[how], f"{BY_VALUES}, true" if how == "row_hash" else "true")
        return Given(how, prefix=text_of(item, "prefix", key))
    value = item[how]
    if isinstance(value, dict | list):
        raise wrong(f"{key}.{how}", value, "text, number, true, false, null")
    return Given(how, value=value)


def _column(item: dict[str, object], key: str, kept: bool) -> Given:
    values = a_table(item.get("values") or {}, f"{key}.values", None)
    pattern, refused = _pattern(item.get("pattern"), f"{key}.pattern", kept)
    return Given(
        "column",
        column=text_of(item, "column", key, required=True),
        type=one_of(item, "type", key, ("", *TYPES)),
        values={lookup_key(name): value for name, value in values.items()},
        other=one_of(item, "other", key, OTHERS),
        missing=frozenset(map(lookup_key, texts_of(item.get("missing", []), f"{key}.missing"))),
        scale=number_of(item.get("scale"), f"{key}.scale"),
        pattern=pattern,
        refused=refused,
        decimal=one_of(item, "decimal", key, ("", ",", ".", OPEN_MARK)),
        format=text_of(item, "format", key),
        prefix=text_of(item, "prefix", key),
        limits=_limits(item, key, kept),
        shares=one_of(item, "shares", key, SHARES),
        unread=_unread(item, key),
        utc_offset=zone_of(item, key),
    )


def _unread(item: dict[str, object], key: str) -> Literal["", "keep"]:
    kinds = [kind for kind in KEEPING if kind != "date" or key.startswith("features.")]
    if "unread" in item and item.get("type") not in kinds:
        raise wrong(f"{key}.type", item.get("type", "text"), ", ".join(kinds))
    return one_of(item, "unread", key, UNREAD)


def _limits(item: dict[str, object], key: str, kept: bool) -> Limits | None:
    """What is believed of a number; limits without a word on what lies beyond refuse it."""
    low, high = (number_of(item.get(name), f"{key}.{name}") for name in ("minimum", "maximum"))
    if low is None and high is None:
        if "beyond" in item:
            raise wrong(f"{key}.beyond", item["beyond"], "minimum, maximum")
        return None
    if not kept and low is not None and high is not None and low > high:
        raise wrong(f"{key}.minimum", low, f"≤ {high}")
    limits = Limits(low, high, one_of(item, "beyond", key, BEYOND))
    if "compute" in item:
        if not kept and item["compute"] in OF_TEXT | OF_MOMENTS:
            of_numbers = [name for name in COMPUTATIONS if name not in OF_TEXT | OF_MOMENTS]
            raise wrong(f"{key}.compute", item["compute"], ", ".join(of_numbers))
    elif not kept and key not in FIELDS_OF_NUMBERS and item.get("type") not in NUMBERS:
        # Limits that are never looked at would be believed to hold.
        raise wrong(f"{key}.type", item.get("type", "text"), ", ".join(NUMBERS))
    return limits


def _named(how: How, item: dict[str, object], key: str, kept: bool) -> Given:
    known = DERIVATIONS if how == "derive" else COMPUTATIONS
    name = str(item[how])
    if name not in known:
        raise wrong(f"{key}.{how}", name, ", ".join(known))
    _, width, needed, possible = known[name]
    sources = tuple(texts_of(item.get("from", []), f"{key}.from"))
    if len(sources) != width:
        raise wrong(f"{key}.from", ", ".join(sources), f"{width} × column")
    options = a_table(item.get("with") or {}, f"{key}.with", needed | possible)
    if needed - set(options):
        raise wrong(f"{key}.with", ", ".join(options), ", ".join(sorted(needed)))
    if "scales" in options:
        options["scales"] = read_scales(options["scales"], f"{key}.with.scales", sources)
    if name in OF_MOMENTS:
        check_moment(options, f"{key}.with")
    if how == "derive":
        try:
            DERIVATIONS[name][0](key, ["2000-01"] * width, options)
        except (TypeError, ValueError, IndexError, CellError) as problem:
            raise wrong(f"{key}.with", options, str(DERIVATIONS[name][0].__doc__)) from problem
    missing = frozenset(map(lookup_key, texts_of(item.get("missing", []), f"{key}.missing")))
    limits = _limits(item, key, kept)
    return Given(how, name=name, sources=sources, options=options, missing=missing, limits=limits)


def _drop(content: object) -> dict[str, str]:
    reasons = a_table(content or {}, "drop", None)
    for column, reason in reasons.items():
        if reason not in DROP_REASONS:
            raise wrong(f"drop.{column}", reason, ", ".join(DROP_REASONS))
    return {column: str(reason) for column, reason in reasons.items()}


def _outcome(content: object, kept: bool) -> Outcome:
    item = a_table(content, "outcome", _OUTCOME_KEYS)
    observed = item.get("observed_at")
    return Outcome(
        column=text_of(item, "column", "outcome", required=True),
        bad_values=frozenset(map(lookup_key, texts_of(item.get("bad_values"), "outcome.bad_values"))),
        good_values=frozenset(map(lookup_key, texts_of(item.get("good_values"), "outcome.good_values"))),
        observed_at=None if observed is None else read_given(observed, "outcome.observed_at", kept=kept),
        mature=flag_of(item, "mature", "outcome", default=True),
    )


def _pattern(value: object, key: str, kept: bool) -> tuple[re.Pattern[str] | None, str]:
    """The pattern; and of a mapping that is `kept` one that is refused now, as text."""
    if value is None:
        return None, ""
    try:
        return safe_pattern(str(value)), ""
    except (re.error, OverflowError) as problem:
        raise MappingError("pattern_wrong", key=key, value=str(value)) from problem
    except PatternRefused as problem:
        if kept:
            return None, str(value)
        raise MappingError(problem.code, key=key, value=str(value), most=str(PATTERN_MOST)) from problem
