"""The mapping of a source: its versions, one of them as an editable table with its preview, and a code table."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.pages.shared import Problem, StateMark

Option = tuple[str, str]


@dataclass(frozen=True)
class VersionRow:
    """A version in the list. `back_url` puts it back in force, "" where that takes more than one person."""

    number: str
    url: str
    state: StateMark
    by: str
    signed_by: str
    at: str
    columns: str
    back_url: str = ""


@dataclass(frozen=True)
class ProposalRow:
    """A version that waits for a signature; `differ` says how many past rows it would change, `own` that the reader
    made it and somebody else signs."""

    source: str
    number: str
    url: str
    by: str
    at: str
    differ: str
    why: str
    own: bool


@dataclass(frozen=True)
class ProposalMark:
    """What a source says of its mappings that wait for a signature, and where they are."""

    words: str
    url: str


@dataclass(frozen=True)
class MappingsPage:
    """desk/mappings.html. `new_url` is "" for whoever only reads; `last_file` names the source's last file, if kept."""

    title: str
    source_url: str
    versions: tuple[VersionRow, ...]
    read_by: str
    new_url: str = ""
    last_file: str = ""
    yaml: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ColumnRow:
    """A row of the editor: a column, what it is thought to be and why, and how its cells are read.

    `raw` and `value` are an example; `error` says why that one cannot be read. `fixed` says what a computed entry does,
    which the table cannot change. `saved` is what is saved where something else was typed.
    """

    at: int
    column: str
    was: str
    target: str
    name: str
    type: str
    scale: str
    format: str
    utc_offset: str
    decimal: str
    missing: str
    raw: str
    value: str
    error: str
    question: str
    confidence: StateMark | None
    why: str
    codes: str
    fixed: str = ""
    saved: str = ""


@dataclass(frozen=True)
class UnreadRow:
    """A field that no column gives, and how it comes about; `saved` as in the row of a column."""

    name: str
    words: str
    how: str
    value: str
    options: tuple[Option, ...]
    saved: str = ""


@dataclass(frozen=True)
class TypedJoin:
    """What stands in the form of a join that is not joined yet."""

    name: str = ""
    source: str = ""
    on: str = ""


@dataclass(frozen=True)
class JoinRow:
    """Another source whose rows are read beside the table's."""

    name: str
    source: str
    on: str


@dataclass(frozen=True)
class Cell:
    """A value of the preview; where it cannot be read, what stood there and why."""

    value: str
    error: str = ""


@dataclass(frozen=True)
class SampleLine:
    """A row of the preview. `errors` belong to the row as a whole or to a column that is not shown."""

    number: str
    cells: tuple[Cell, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreviewPart:
    """components/mapping_preview.html. `refusal` is why there is none."""

    names: tuple[str, ...] = ()
    rows: tuple[SampleLine, ...] = ()
    good: str = ""
    bad: str = ""
    has_bad: bool = False
    problems: tuple[tuple[str, str, str], ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Example:
    """One value that would differ."""

    place: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ComparisonPart:
    """components/mapping_comparison.html: what a version changes in past rows."""

    rows: str
    differ: str
    share: str
    became_good: str
    became_bad: str
    against: str
    fields: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    files: tuple[tuple[str, str, str, str], ...]
    is_any: bool
    # Some file cannot be read by one of the two at all.
    is_unfit: bool


@dataclass(frozen=True)
class StepRow:
    """A step in the life of the version."""

    at: str
    by: str
    name: str
    reason: str


@dataclass(frozen=True)
class Choices:
    """The lists that every row of the editor chooses from."""

    fields: tuple[Option, ...]
    kept: tuple[Option, ...]
    drops: tuple[Option, ...]
    types: tuple[Option, ...]
    scales: tuple[Option, ...]
    formats: tuple[Option, ...]
    zones: tuple[Option, ...]
    decimals: tuple[Option, ...]
    makes: tuple[Option, ...]
    on: tuple[Option, ...]
    sources: tuple[Option, ...]


@dataclass(frozen=True)
class MappingPage:
    """desk/mapping.html. The addresses are "" for whoever may not do that; `seen` is the hash of what is saved,
    `unsaved` says that the form shows something else."""

    title: str
    number: str
    slug: str
    state: StateMark
    list_url: str
    file_url: str
    seen: str
    makes: str
    rows: tuple[ColumnRow, ...]
    unread: tuple[UnreadRow, ...]
    joins: tuple[JoinRow, ...]
    choices: Choices
    preview: PreviewPart
    steps: tuple[StepRow, ...]
    unsaved: bool = False
    sample: str = ""
    kept_parts: str = ""
    join: TypedJoin = TypedJoin()
    comparison: ComparisonPart | None = None
    comparison_sha256: str = ""
    save_url: str = ""
    preview_url: str = ""
    sample_url: str = ""
    copy_url: str = ""
    propose_url: str = ""
    discard_url: str = ""
    sign_url: str = ""
    return_url: str = ""
    not_signing: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class CodesPage:
    """desk/mapping_codes.html. `counts` are the values of the sample that the table does not list: (value, rows)."""

    title: str
    column: str
    back_url: str
    of: str
    seen: str
    text: str
    other: str
    others: tuple[Option, ...]
    counts: tuple[tuple[str, str], ...]
    set_url: str = ""
    problems: tuple[Problem, ...] = ()
