"""The versions of the policy: their list, the editor, the replay beside it, and the page of whoever approves."""

from __future__ import annotations

from dataclasses import dataclass

from desk.charts import Bar
from desk.pages.models import Table
from desk.pages.overview import Pair
from desk.pages.shared import Event, Problem, StateMark


@dataclass(frozen=True)
class VersionRow:
    """A version in the list; `since` is when it came into force, or will."""

    name: str
    url: str
    state: StateMark
    purpose: str
    drafted: str
    approved: str
    since: str


@dataclass(frozen=True)
class ProductPolicies:
    """The versions of one product, the one in force first told by its dials; `alerts` are sentences,
    `other_model` says that its promise was drawn for another model ("" where not)."""

    product: str
    code: str
    in_force_name: str
    in_force_url: str
    in_force: tuple[Pair, ...]
    alerts: tuple[str, ...]
    other_model: str
    rows: tuple[VersionRow, ...]


@dataclass(frozen=True)
class PoliciesPage:
    """desk/policies.html; `new_url` is "" for whoever drafts nothing."""

    products: tuple[ProductPolicies, ...]
    new_url: str = ""


@dataclass(frozen=True)
class Input:
    """One input of the editor: `name` in the form, `unit` behind it, `lang` of what is in it. `slider` draws one beside
    the figure (its ends and step), `options` make a list of choices (value, words), `lines` a longer text."""

    name: str
    words: str
    value: str
    unit: str = ""
    help: str = ""
    slider: tuple[str, str, str] | None = None
    options: tuple[tuple[str, str], ...] = ()
    lines: int = 0
    checked: bool = False
    is_mark: bool = False
    lang: str = ""


@dataclass(frozen=True)
class Group:
    """Inputs under a heading; `switch` is the mark that turns the whole group on, None where it is always on. `code`
    makes its id; `folded` hides what most versions leave as it is."""

    code: str
    words: str
    inputs: tuple[Input, ...]
    note: str = ""
    switch: Input | None = None
    folded: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: a field (`if`) or an output (`then`). `gone` is the act that removes it, "" for outputs."""

    key: str
    words: str
    hint: str
    gone: str = ""
    then: bool = False


@dataclass(frozen=True)
class GridRow:
    """A row of a table. `cells` and `says` are inputs in the order of the columns; `acts` are up, down and remove
    (act, sign, words). `marks` are what the analysis says of it."""

    id: Input
    cells: tuple[Input, ...]
    says: tuple[Input, ...]
    told: tuple[Input, ...]
    acts: tuple[tuple[str, str, str], ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """A decision table as a spreadsheet. `addable` are fields that may become a column, `files` its download links
    (words, url), `switch` the act that adds or removes the whole table, "" where it has to be there."""

    name: str
    words: str
    note: str
    on: bool
    hit: Input
    columns: tuple[Column, ...]
    rows: tuple[GridRow, ...]
    default: tuple[Input, ...]
    addable: tuple[tuple[str, str], ...]
    hidden: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()
    import_url: str = ""
    switch: str = ""

    @property
    def file(self) -> str:
        """The name of the input that takes a file."""
        return f"file.{self.name}"


@dataclass(frozen=True)
class ExampleInputs:
    """An example that the version must decide as told; `failed` says how it went otherwise."""

    inputs: tuple[Input, ...]
    gone: str
    failed: str = ""


@dataclass(frozen=True)
class FindingLine:
    """What the analysis says against a table; `severity` bad or warn."""

    severity: str
    words: str
    where: str


@dataclass(frozen=True)
class ExplorationCard:
    """The budget of exploration approvals of a version. Fields: act (ask | sign | stop), budget, reason, seen."""

    pairs: tuple[Pair, ...]
    url: str
    seen: str = ""
    may_ask: bool = False
    may_sign: bool = False
    may_stop: bool = False
    refusal: str = ""
    most: str = ""


@dataclass(frozen=True)
class OrderCard:
    """What orders the looks; `url` takes the order that a draft is to have, "" for whoever does not edit."""

    pairs: tuple[Pair, ...]
    url: str
    seen: str
    may_learn: bool
    may_return: bool


@dataclass(frozen=True)
class PolicyPage:
    """desk/policy.html. `editable` shows inputs that can be changed; `seen` is the hash of the terms on the page;
    `problems` name inputs, `wrong` lists them with the id of each. `returnable` and the like are addresses of what
    this reader may do now, "" for what they may not."""

    title: str
    state: StateMark
    about: tuple[Pair, ...]
    editable: bool
    seen: str
    edit_url: str
    simulation_url: str
    purpose: Input
    period: tuple[Input, ...]
    groups: tuple[Group, ...]
    grids: tuple[Grid, ...]
    examples: tuple[ExampleInputs, ...]
    findings: tuple[FindingLine, ...]
    events: tuple[Event, ...]
    simulation: SimulationPage | None
    list_url: str
    exploration: ExplorationCard | None = None
    order: OrderCard | None = None
    problems: tuple[Problem, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    tested: tuple[str, ...] = ()
    unsaved: bool = False
    test_url: str = ""
    propose_url: str = ""
    return_url: str = ""
    roll_back_url: str = ""
    approval_url: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Compared:
    """A figure of the version beside the one in force; bars where a picture helps."""

    words: str
    value: str
    now: str
    note: str = ""
    bar: Bar | None = None
    now_bar: Bar | None = None
    level: str = "none"


@dataclass(frozen=True)
class SwapLine:
    """How many cases change side, with links to the largest of them."""

    words: str
    cases: str
    exposure: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SimulationPage:
    """The replay: components/simulation.html. `refusal` says why there is none; `waits_url` is asked again while the
    cases are still being read (`done` of them so far); `book` says what shares of the book rest on."""

    about: str = ""
    book: str = ""
    figures: tuple[Compared, ...] = ()
    swaps: tuple[SwapLine, ...] = ()
    segments: tuple[Table, ...] = ()
    load: tuple[Pair, ...] = ()
    took: str = ""
    refusal: str = ""
    problems: tuple[Problem, ...] = ()
    waits_url: str = ""
    done: Bar | None = None
    done_words: str = ""


@dataclass(frozen=True)
class Tick:
    """A consequence to tick: `key` is what the box sends, `rows` the rows of tables that it is about, in full."""

    key: str
    words: str
    ticked: bool = False
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApprovalPage:
    """desk/policy_approval.html: what whoever approves has to see and to tick."""

    title: str
    state: StateMark
    about: tuple[Pair, ...]
    simulation: SimulationPage
    simulation_sha256: str
    ticks: tuple[Tick, ...]
    action_url: str
    version_url: str
    may: bool
    refusal: str = ""
    problems: tuple[Problem, ...] = ()
    note: str = ""
    starts_at: str = ""
