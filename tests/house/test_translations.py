"""Every text a person reads is in the Chinese catalogue, translated, with the same figures, and none is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FOLDERS = ("cases", "intake", "scoring", "routing", "portfolio", "learning", "outgoing", "desk", "riskreview")
# The name of a function and where its message, plural and context stand.
SINGULAR = {"gettext", "gettext_lazy", "gettext_noop", "_"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
# What templatize leaves of a template: calls of gettext, and text that is no Python.
CALL = re.compile(
    r"\b(n?p?gettext|_)\(\s*(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:\s*,\s*u?(?:'(?:[^'\\]|\\.)*'"
    r"|\"(?:[^\"\\]|\\.)*\"))*)"
)
Message = tuple[str, str, str]  # context, singular, plural


def texts_in_code() -> Iterator[tuple[str, Message]]:
    """(place, message) of every call of gettext and its kin in our Python; the text must stand there as it is."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    message = _message(name, node.args)
                    if message:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", message


def texts_in_templates() -> Iterator[tuple[str, Message]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for found in CALL.finditer(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
            call = ast.parse(f"{found[1]}({found[2]})", mode="eval").body
            assert isinstance(call, ast.Call)
            message = _message(found[1], call.args)
            if message:
                yield str(path.relative_to(ROOT)), message


def _message(name: str, arguments: list[ast.expr]) -> Message | None:
    kinds = {**dict.fromkeys(SINGULAR, 1), **dict.fromkeys(PLURAL | CONTEXT, 2), "npgettext": 3}
    if name not in kinds or not arguments:
        return None
    texts = []
    for each in arguments[: kinds[name]]:
        assert isinstance(each, ast.Constant), f"{name}() needs the text itself, not something that is worked out"
        texts.append(str(each.value))
    if name in PLURAL:
        return "", texts[0], texts[1]
    if name in CONTEXT:
        return texts[0], texts[1], ""
    return (texts[0], texts[1], texts[2]) if name == "npgettext" else ("", texts[0], "")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


@pytest.fixture(scope="module")
def used() -> dict[Message, str]:
    return {message: place for place, message in [*texts_in_code(), *texts_in_templates()]}


def test_the_search_finds_what_people_read(used: dict[Message, str]) -> None:
    assert len(used) > 300
    assert {message[1] for message in used} >= {"Received", "Your role does not allow this.", "Sign in"}


def test_every_text_has_its_entry(catalogue: polib.POFile, used: dict[Message, str]) -> None:
    known = {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in catalogue if not entry.obsolete}
    assert {message: place for message, place in used.items() if message not in known} == {}


def test_no_entry_is_left_over(catalogue: polib.POFile, used: dict[Message, str]) -> None:
    assert catalogue.obsolete_entries() == []
    stale = [e.msgid for e in catalogue if (e.msgctxt or "", e.msgid, e.msgid_plural) not in used]
    assert stale == []


def test_every_entry_is_translated_and_certain(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    for entry in catalogue:
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert text.strip(), entry.msgid


def test_a_translation_carries_the_same_figures(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert set(PLACEHOLDER.findall(text)) == wanted, entry.msgid


def test_the_compiled_catalogue_says_what_the_source_says(catalogue: polib.POFile) -> None:
    with translation.override("zh-hans"):
        for entry in catalogue:
            if not entry.msgid_plural and not entry.msgctxt:
                assert translation.gettext(entry.msgid) == entry.msgstr


CHINESE = "[\u4e00-\u9fff》）」”]"
# Half-width where Chinese words or a value among them stand before or behind. Clocks, ratios and addresses have
# no Chinese sign beside their colon.
HALF_WIDTH = re.compile(rf"{CHINESE}[,:;?!]|[,:;?!]{CHINESE}|\)s[,:;?!](?! )|\([^()]*[\u4e00-\u9fff][^()]*\)")

# A colon with its space between two values, and at the end of an element; `{{ ref }}:{{ version }}` is no words.
OWN_COLON = re.compile(r"[%}]\}(?:: (?=\{|</?s|<a)|:</)")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("要做什么?输入命令", True),
        ("不超过 %(amount)s,且与建议一致", True),
        ("不确定(先写意见)", True),
        ("要做什么？输入命令，如 09:00（“%(n)s”）", False),
        ("%(n)s MB (PDF)", False),
    ],
)
def test_a_half_width_mark_among_chinese_words_is_seen(text: str, wrong: bool) -> None:
    assert bool(HALF_WIDTH.search(text)) == wrong


def test_chinese_words_are_parted_by_full_width_marks(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            if re.search(CHINESE, text):
                assert not HALF_WIDTH.search(text), text


def test_templates_set_no_colon_of_their_own_between_words() -> None:
    """`{% colon %}` is full-width among Chinese words."""
    found = [path.name for path in (ROOT / "templates").rglob("*.html") if OWN_COLON.search(path.read_text("utf-8"))]
    assert found == []
