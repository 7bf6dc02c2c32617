"""Scripts and styles that are sent as one file hold what their parts hold, and follow them."""

import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.management import call_command
from pytest_django.fixtures import Settings

from desk.bundles import BUNDLES, bundle, lean

SOURCES = sorted({part for parts in BUNDLES.values() for part in parts})


def source(part: str) -> str:
    return (Path(project.BASE_DIR) / "static" / part).read_text(encoding="utf-8")


def test_a_script_loses_indents_empty_lines_and_comments_on_lines_of_their_own() -> None:
    text = '// What it does.\n(() => {\n\n  // why\n  const url = "https://a"; // stays\n})();\n'
    assert lean(text, style=False) == '(() => {\nconst url = "https://a"; // stays\n})();\n'


def test_a_style_loses_its_comments_even_over_lines() -> None:
    assert lean("/* a\n   b */\n.x {\n  color: red; /* c */\n}\n", style=True) == ".x {\ncolor: red;\n}\n"


@pytest.mark.parametrize("part", SOURCES)
def test_no_string_goes_over_the_end_of_a_line_where_blanks_are_dropped(part: str) -> None:
    for line in source(part).splitlines():
        if not line.strip().startswith(("//", "/*")):
            # A single backtick in quotes is a letter, not the begin of a string.
            assert re.sub(r"\"`\"", "", line).count("`") % 2 == 0, line
            assert not line.endswith("\\"), line


@pytest.mark.parametrize("part", SOURCES)
def test_every_part_of_a_bundle_is_a_file_that_closes_what_it_opens(part: str) -> None:
    text = source(part).rstrip()
    assert text.endswith("})();" if part.endswith(".js") else "}")


@pytest.mark.parametrize("name", sorted(BUNDLES))
def test_a_bundle_is_found_with_what_its_parts_hold_now(name: str) -> None:
    found = finders.find(name)
    assert isinstance(found, str)
    Path(found).write_text("what an older version has left")
    assert finders.find(name) == found
    assert Path(found).read_text(encoding="utf-8") == bundle(name)


def test_what_is_no_bundle_is_not_found() -> None:
    assert finders.find("js/no-such-page.js") is None


def test_collected_bundles_are_named_by_their_hash(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in BUNDLES:
        stem, kind = name.rsplit(".", 1)
        named = [
            path
            for path in tmp_path.glob(f"{stem}.*.{kind}")
            if re.fullmatch(r"[0-9a-f]{12}", path.stem.rsplit(".", 1)[-1])
        ]
        assert [path.read_text(encoding="utf-8") for path in named] == [bundle(name)]


def test_each_bundle_is_asked_for_by_a_page() -> None:
    sources = [(Path(project.BASE_DIR) / "templates" / name).read_text() for name in ("base.html", "desk/case.html")]
    for name in BUNDLES:
        assert any(f"{{% static '{name}' %}}" in text for text in sources), name
