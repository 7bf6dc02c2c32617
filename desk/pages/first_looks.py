"""The first look at how the columns of a source are read."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.shared import Problem


@dataclass(frozen=True)
class LookMark:
    """That cases of a source wait for the look, and where it is taken."""

    words: str
    url: str


@dataclass(frozen=True)
class ReadCell:
    """A cell as it stands, what is read from it, and why it cannot be."""

    raw: str
    value: str
    problem: str = ""


@dataclass(frozen=True)
class ReadLine:
    """A value of a case: what it is, the columns that it is read from ("" where it is made up), how, and its cells in
    the first rows. `is_new`: nobody has looked at it yet. `is_unnamed`: it has no known name, and nobody has answered
    for it yet. Of a column that is left out, `words` say why."""

    words: str
    column: str
    how: str
    cells: tuple[ReadCell, ...]
    is_new: bool
    is_left_out: bool = False
    is_unnamed: bool = False


@dataclass(frozen=True)
class Reading:
    """A version that waits: the files that were read by it, how many of their cases wait, and its values. `again_url`
    reads them again by the mapping that is signed by now; `note` is what was typed. `unnamed` counts the columns
    without a known name that somebody is to answer for, "" for none; `is_answered`: that was ticked."""

    number: str
    files: tuple[str, ...]
    cases: str
    lines: tuple[ReadLine, ...]
    rows: tuple[str, ...]
    confirm_url: str = ""
    again_url: str = ""
    note: str = ""
    unnamed: str = ""
    is_answered: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ReadingsPage:
    """desk/readings.html. Fields: note, known_before. `signed` names the mapping in force, "" where there is none."""

    title: str
    source_url: str
    mapping_url: str
    readings: tuple[Reading, ...]
    signed: str = ""
