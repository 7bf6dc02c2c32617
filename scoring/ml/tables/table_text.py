"""A feature table as YAML for a person to edit, with what was found about the columns as comments on top."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import yaml

from scoring.ml.features import FeatureTable
from scoring.ml.tables.findings import Finding
from scoring.ml.vocabulary import Feature

LINE = 120
# Left in the file even at their defaults, because a person should look at them.
KEPT = ("direction", "actionable")
DEFAULTS = {one.name: one.default for one in fields(Feature)}


def table_text(table: FeatureTable, findings: Sequence[Finding], origin: str) -> str:
    """YAML that `load_feature_table` reads as this table; `origin` says in one line where it came from."""
    head = [
        f"# {origin}",
        "# A draft for a person to edit: words, groups, units, directions, what applicants can change or be told.",
        "# What each key means is said in scoring/ml/vocabulary.py.",
        *(f"# - {' '.join(text.split())}" for one in findings for text in (one.en, one.zh)),
    ]
    content = {name: part for name, part in table.to_dict().items() if part not in (None, [], {})}
    content["features"] = [_short(feature) for feature in content["features"]]
    if "shown" in content:
        content["shown"] = [_short(feature, kept=()) for feature in content["shown"]]
    body = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=LINE)
    return "\n".join(head) + "\n" + body


def _short(feature: Mapping[str, Any], kept: Sequence[str] = KEPT) -> dict[str, Any]:
    """A feature without what is as by default."""
    return {
        name: _without_blanks(part)
        for name, part in feature.items()
        if name in kept or part not in (DEFAULTS[name], [], None)
    }


def _without_blanks(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: inner for name, inner in part.items() if inner not in (None, "")}
    return part


class _Dumper(yaml.SafeDumper):
    """Mappings of plain values, such as the words of both languages, each on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: yaml.SafeDumper, content: dict[str, Any]) -> yaml.Node:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", content.items())
    node.flow_style = not any(isinstance(part, dict | list) for part in content.values())
    if set(content) == {"code", "words"} or set(content) == {"value", "words"}:
        node.flow_style = True
    return node


_Dumper.add_representer(dict, _mapping)
