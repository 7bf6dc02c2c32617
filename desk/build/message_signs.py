"""How the body of a message begins, with all that may name a person masked. Pure: text in, text out.

Of a message that kills its readers no more than its first signs are looked at, and they are not read as JSON: they are
gone through sign by sign. What stands under a name that is not personal is shown; what has no name is not.
"""

from __future__ import annotations

import json
import re
from typing import Final

from cases.personal import HIDDEN, is_personal, masked_text, masked_value
from intake.wording.sentences import shorten, storable

LOOKED_AT: Final = 600
SHOWN: Final = 240
TOKEN: Final = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<open>[{\[])|(?P<close>[}\]])|(?P<rest>[^"{}\[\]]+)', re.DOTALL
)
WORD: Final = re.compile(r"[^\s,:]+")
PLAIN: Final = re.compile(r"-?\d[\d.eE+-]*|true|false|null")


def first_signs(body: str, own: frozenset[str] = frozenset()) -> str:
    """At most SHOWN signs of the first LOOKED_AT; `own` are the facts that the lender counts among the personal."""
    text = body[:LOOKED_AT]
    is_cut, at, said = len(body) > LOOKED_AT, 0, list[str]()
    path, name = list[tuple[str, str]](), ""
    # A text that does not end matches nothing: there it ends.
    while found := TOKEN.match(text, at):
        at = found.end()
        if found["colon"]:
            name = _text(found["text"])
            said.append(f"{_quoted(masked_text(name))}:")
        elif found["text"]:
            said.append(_quoted(_masked(_text(found["text"]), path, name, own)))
        elif found["open"]:
            path.append((found["open"], name))
            said.append(found["open"])
        elif found["close"]:
            name = path.pop()[1] if path else ""
            said.append(found["close"])
        else:
            ends = is_cut and at == len(text)
            said.append(_rest(found["rest"], path, name, own, ends=ends))
            # Behind the comma of an object another name follows.
            name = "" if "," in found["rest"] and path and path[-1][0] == "{" else name
    whole = at == len(text) and not is_cut
    return shorten("".join(said) + ("" if whole else "…"), SHOWN)


def _masked(value: str, path: list[tuple[str, str]], name: str, own: frozenset[str]) -> str:
    """The value as it may be shown: masked where its name or one it lies under is personal, not at all without one."""
    if not name:
        return HIDDEN if value else ""
    under = [outer for _kind, outer in path if outer]
    for each in (name, f"{under[-1]}.{name}" if under else name, *under):
        if is_personal(each, own):
            return masked_value(each, value, own)
    return masked_text(value)


def _rest(text: str, path: list[tuple[str, str]], name: str, own: frozenset[str], *, ends: bool) -> str:
    """What stands between texts and brackets: numbers, commas. `ends`: its last word may be only begun."""
    whole = re.sub(r"[^\s,:]+$", "", text) if ends else text

    def shown(word: re.Match[str]) -> str:
        return _masked(word[0], path, name, own) if PLAIN.fullmatch(word[0]) else HIDDEN

    return re.sub(r"\s+", " ", WORD.sub(shown, whole))


def _text(quoted: str) -> str:
    try:
        return storable(str(json.loads(quoted, strict=False)))
    except ValueError:
        return ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
