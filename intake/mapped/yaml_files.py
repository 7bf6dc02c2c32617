"""Reads YAML as people mean it: NO and off are words, dates are text, and a key that stands twice is an error."""

import re
from collections.abc import Hashable
from pathlib import Path

import yaml


class _KeyTwice(yaml.constructor.ConstructorError):
    """A key that stands twice in one mapping."""

    def __init__(self, key: Hashable, mark: yaml.Mark) -> None:
        self.key = key
        super().__init__(None, None, f"the key {key} stands twice", mark)


class _PlainLoader(yaml.SafeLoader):
    """Safe YAML whose only implicit types are numbers, true, false and null."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is a single word", key_node.start_mark)
            if key in seen:
                raise _KeyTwice(key, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))


def read_yaml(path: Path) -> object:
    """The content of a YAML file. Raises OSError, UnicodeDecodeError or yaml.YAMLError."""
    return read_yaml_text(path.read_text(encoding="utf-8-sig"))


def read_yaml_text(text: str) -> object:
    """The content of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader


def yaml_fault(problem: Exception) -> tuple[str, dict[str, str]]:
    """What is wrong with a YAML text as the code of a sentence and its parameters: the parser's own words are English
    only."""
    mark = problem.problem_mark if isinstance(problem, yaml.MarkedYAMLError) else None
    if mark is None:
        return "mapping_not_yaml", {}
    line = str(mark.line + 1)
    if isinstance(problem, _KeyTwice):
        return "mapping_key_twice", {"key": str(problem.key), "line": line}
    return "mapping_not_yaml_at", {"line": line, "position": str(mark.column + 1)}
