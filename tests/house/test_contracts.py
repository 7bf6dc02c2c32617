"""The house stands as drawn: import contracts, right packages, pinned requirements, a sample that may be shared."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WANTED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
TXT = ("requirements.txt", "requirements-dev.txt")
SAMPLE_MOST = 1_500_000
FOLDERS = ("cases", "intake", "scoring", "routing", "portfolio", "learning", "outgoing", "desk", "riskreview")


def test_a_stage_imports_only_what_a_case_meets_earlier() -> None:
    done = subprocess.run(
        [sys.executable, Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^Contracts: 4 kept, 0 broken\.$", done.stdout, re.MULTILINE), done.stdout


def test_no_module_of_ours_is_imported_inside_a_function_but_where_a_library_is_to_be_loaded_late() -> None:
    late = re.compile(r"  # (?:numba|sklearn|sqlalchemy|kafka): paid by who \w+$")
    inside = re.compile(rf"^[ \t]+(?:from|import) (?:{'|'.join(FOLDERS)})\b")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            checked = False
            for line in path.read_text(encoding="utf-8").splitlines():
                checked = (
                    line.startswith("if TYPE_CHECKING:")
                    or (checked and not line.strip())
                    or (checked and line[0] in " \t")
                )
                assert checked or not inside.match(line) or late.search(line), f"{path}: {line}"


def test_the_state_machine_is_the_one_that_is_kept_up() -> None:
    assert distribution("django-fsm-2").version.startswith("4.")
    with pytest.raises(PackageNotFoundError):
        distribution("django-fsm")


def pins(name: str) -> list[tuple[str, str]]:
    """Each pinned package of a file with all that stands behind it; a package may be pinned once a Python version."""
    text = "\n".join(
        line for line in (ROOT / name).read_text().splitlines() if line and not line.lstrip().startswith("#")
    )
    blocks = re.split(r"\n(?=\S)", text)
    return [(re.split(r"[^A-Za-z0-9._-]", block, maxsplit=1)[0].lower(), block) for block in blocks]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned_with_its_hashes(name: str) -> None:
    pinned = pins(f"{name}.txt")
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    wanted = {found[0].lower() for found in map(WANTED.match, lines) if found}
    assert len(wanted) > 10
    assert wanted - {package for package, _block in pinned} == set()
    for package, block in pinned:
        assert re.match(r"\S+?==\S+( ;.*)? \\\n", block), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), package
    assert "django-fsm" not in dict(pinned)


def test_the_tests_run_on_the_very_versions_that_are_shipped() -> None:
    shipped, tested = ({package: block.split()[0] for package, block in pins(name)} for name in TXT)
    both = shipped.keys() & tested.keys()
    assert {package: tested[package] for package in both} == {package: shipped[package] for package in both}


def test_the_sample_is_small_and_comes_with_its_licences() -> None:
    files = {path.name: path.stat().st_size for path in (ROOT / "sample").iterdir()}
    assert sum(files.values()) < SAMPLE_MOST
    tables = [name.removesuffix(".csv.gz") for name in files if name.endswith(".csv.gz")]
    assert sorted(tables) == ["lending_club_2016", "lending_club_2018"]
    licences = {"lending_club_2016": "MIT License", "lending_club_2018": "Creative Commons"}
    for table in tables:
        assert licences[table] in (ROOT / "sample" / f"LICENSE-{table}.txt").read_text(encoding="utf-8")
        assert table in (ROOT / "sample" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_is_short_and_says_what_lives_there(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "migrations" in path.parts or not text.strip():
            continue
        assert len(text.splitlines()) <= 300, path
        assert text.startswith('"""'), path
