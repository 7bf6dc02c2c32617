"""The examples that every version of a policy must decide as told, before anybody may propose it."""

from __future__ import annotations

from dataclasses import dataclass

from routing.given_facts import BESIDE, Inputs, facts_from
from routing.policy import WAY_NAMES, route
from routing.terms import Terms


@dataclass(frozen=True)
class ExampleFailure:
    """An example that went another way, or that cannot be asked: then `got` is "" and `en` and `zh` say why."""

    name_en: str
    name_zh: str
    expected: str
    got: str
    en: str = ""
    zh: str = ""


def failing_examples(terms: Terms) -> list[ExampleFailure]:
    """The examples that this version does not decide as told."""
    failures = []
    for example in terms.examples:
        strange = sorted(set(example.inputs) - set(terms.kinds.all_fields) - set(BESIDE))
        if strange or example.way not in WAY_NAMES:
            wrong = strange[0] if strange else example.way
            failures.append(
                ExampleFailure(
                    example.name_en, example.name_zh, example.way, "", f"{wrong} is not known", f"不认识 {wrong}"
                )
            )
            continue
        try:
            way = WAY_NAMES[route(terms, facts_from(terms, [example.inputs])).way[0]]
        except ValueError:
            wrong = _unreadable(terms, example.inputs)
            failures.append(
                ExampleFailure(
                    example.name_en,
                    example.name_zh,
                    example.way,
                    "",
                    f"the value of {wrong} cannot be read",
                    f"无法读取 {wrong} 的值",
                )
            )
            continue
        if way != example.way:
            failures.append(ExampleFailure(example.name_en, example.name_zh, example.way, way))
    return failures


def _unreadable(terms: Terms, inputs: Inputs) -> str:
    """The first input that cannot be read alone."""
    for key, value in inputs.items():
        try:
            facts_from(terms, [{key: value}])
        except ValueError:
            return key
    return ", ".join(inputs)
