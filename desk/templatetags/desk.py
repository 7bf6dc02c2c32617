"""Tags that the templates of the pages need: which words belong to a refused field, and how a key is printed."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.pages import Problem
from desk.words import is_chinese

register = template.Library()


@register.filter
def for_field(problems: Iterable[Problem] | None, field: str) -> str:
    """The words of the refusals of one field, joined; "" when it was not refused (or nothing was posted)."""
    return " ".join(problem.words for problem in problems or () if problem.field == field)


@register.filter
def join_at(name: str, at: int) -> str:
    """The name of an input in a row of a form: `target-3`."""
    return f"{name}{at}"


@register.filter
def offers(options: Iterable[tuple[str, str]], value: str) -> bool:
    """Whether a list has this value among its options."""
    return any(each == value for each, _words in options)


@register.filter
def cap(text: str) -> SafeString | str:
    """A key cap such as `<kbd>A</kbd>`; hidden from screen readers, which are told by aria-keyshortcuts instead."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', text) if text else ""


@register.simple_tag
def colon() -> str:
    """What stands between a name and its value: `: `, full-width between Chinese words."""
    return "：" if is_chinese() else ": "


@register.filter
def aside(text: object) -> SafeString | str:
    """A remark in brackets: ` (empty: no limit)`, full-width among Chinese words; "" for none."""
    if not text:
        return ""
    return format_html("（{}）" if is_chinese() else " ({})", text)
