"""Templates and scripts keep to the content policy and to the size of a page that one can read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TAG = re.compile(r"<[a-z](?:[^>{]|\{%.*?%\}|\{\{.*?\}\}|\{)*>", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_holds_nothing_inline_and_no_filter_that_htmx_would_ignore(path: Path) -> None:
    for tag in TAG.findall(path.read_text()):
        assert not re.search(r"\s(style|on[a-z]+|hx-on[\w:-]*|hx-vals|hx-vars)\s*=", tag), tag
        assert not re.search(r"hx-trigger=\"[^\"]*\[", tag), tag
        assert "js:" not in tag, tag
        assert "javascript:" not in tag, tag
        assert not tag.startswith("<script") or "src=" in tag, tag


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_what_htmx_fetches_or_sends_also_works_without_it(path: Path) -> None:
    for tag in TAG.findall(path.read_text()):
        if "hx-get=" in tag:
            assert re.search(r"\shref=.*\shx-target=", tag, re.DOTALL), tag
        if tag.startswith("<form") and "hx-post=" in tag:
            assert re.search(r"\saction=.*\shx-target=", tag, re.DOTALL), tag


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_says_its_variables_first_and_is_short(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("{# Variables:")
    assert len(lines) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_form_that_posts_carries_the_token(path: Path) -> None:
    text = path.read_text()
    assert len(re.findall(r'<form[^>]*method="post"', text)) == text.count("{% csrf_token %}")


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_short_says_what_it_does_and_builds_no_code(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("// ")
    assert len(text.splitlines()) <= 150
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b", text)
