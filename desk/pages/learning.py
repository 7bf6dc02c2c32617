"""What is learned from: labels, training sets with their data cards, weights, and the way of one label."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.charts import Bar
from desk.pages.models import CardLink, Table
from desk.pages.overview import BarChart, Figure, Pair
from desk.pages.shared import Problem, StateMark


@dataclass(frozen=True)
class Legend:
    """What a colour of a stacked bar stands for."""

    words: str
    tone: str


@dataclass(frozen=True)
class StackRow:
    """A bar in parts, with its figures in words."""

    words: str
    value: str
    bars: tuple[Bar, ...]
    note: str = ""


@dataclass(frozen=True)
class Stack:
    """Bars in parts under a heading."""

    words: str
    legend: tuple[Legend, ...]
    rows: tuple[StackRow, ...]
    note: str = ""


@dataclass(frozen=True)
class LearningPage:
    """desk/learning.html."""

    figures: tuple[Figure, ...]
    over_time: Stack
    excluded: BarChart
    bases: Table
    labels_url: str
    sets_url: str
    weights_url: str
    caution_url: str


@dataclass(frozen=True)
class CautionPage:
    """desk/learning_caution.html."""

    table: Table
    learning_url: str
    policies_url: str


@dataclass(frozen=True)
class BuildRow:
    """A training set on its way: its state, how far it is, and (where `answer_url`) a proposal to be answered."""

    key: str
    product: str
    state: StateMark
    words: str
    at: str
    by: str
    done: Bar | None = None
    set_url: str = ""
    answer_url: str = ""


@dataclass(frozen=True)
class BuildsPart:
    """components/set_builds.html. `poll_url` while something is being built, "" else."""

    rows: tuple[BuildRow, ...]
    poll_url: str = ""


@dataclass(frozen=True)
class TrainingRow:
    """A training of a challenger: what was asked for, how far it is, and the model that came of it."""

    recipe: str
    weights: str
    state: StateMark
    words: str
    at: str
    by: str
    done: Bar | None = None
    model_url: str = ""


@dataclass(frozen=True)
class TrainPart:
    """components/trainings.html and the form on desk/learning_set.html. Fields of the form: recipe and weights, each
    from (value, words). `ask_url` is "" for whoever may not train; `poll_url` while something is being trained."""

    rows: tuple[TrainingRow, ...]
    recipes: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, str], ...]
    ask_url: str = ""
    poll_url: str = ""


@dataclass(frozen=True)
class ProductToBuild:
    """A product with matured outcomes."""

    product: str
    words: str
    outcomes: str


@dataclass(frozen=True)
class SetRow:
    """A training set in the list."""

    name: str
    url: str
    product: str
    as_of: str
    rows: str
    bads: str
    effective: str
    new: str
    by: str
    sha256: str


@dataclass(frozen=True)
class SetsPage:
    """desk/learning_sets.html. Field of the form: product. `build_url` is "" for whoever only reads."""

    rows: tuple[SetRow, ...]
    builds: BuildsPart
    products: tuple[ProductToBuild, ...]
    shown_words: str
    learning_url: str
    build_url: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class Doubted:
    """A loan whose outcome is hard to believe."""

    ref: str
    url: str
    outcome: str
    pd: str


@dataclass(frozen=True)
class SetPage:
    """desk/learning_set.html and the data card as a file. `limits` are sentences."""

    title: str
    about: str
    figures: tuple[Figure, ...]
    limits: tuple[str, ...]
    charts: tuple[BarChart, ...]
    tables: tuple[Table, ...]
    identity: tuple[Pair, ...]
    doubted: tuple[Doubted, ...] = ()
    doubted_note: str = ""
    list_url: str = ""
    files: tuple[CardLink, ...] = ()


@dataclass(frozen=True)
class WeightField:
    """A weight that may be set."""

    name: str
    words: str
    value: str


@dataclass(frozen=True)
class WeightRow:
    """What a kind of label counts as y, and why."""

    words: str
    weight: str
    note: str


@dataclass(frozen=True)
class WeightsVersionRow:
    """One version of the table."""

    number: str
    at: str
    by: str
    changes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class WeightsPage:
    """desk/learning_weights.html. Fields: those of `fields`, and reason. `set_url` is "" for whoever only reads."""

    number: str
    rows: tuple[WeightRow, ...]
    fields: tuple[WeightField, ...]
    versions: tuple[WeightsVersionRow, ...]
    learning_url: str
    set_url: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class InSet:
    """A set that holds a label."""

    words: str
    url: str
    weight: str


@dataclass(frozen=True)
class LabelRow:
    """A label with its provenance, and the sets that hold it."""

    key: str
    ref: str
    case_url: str
    source: str
    says: str
    pairs: tuple[Pair, ...]
    excluded: str
    sets: tuple[InSet, ...] = ()


@dataclass(frozen=True)
class LabelsPage:
    """desk/learning_labels.html. GET field: case. `title` names the case whose labels are traced, "" for the latest."""

    rows: tuple[LabelRow, ...]
    learning_url: str
    shown_words: str
    asked: str = ""
    title: str = ""
    next_url: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)
