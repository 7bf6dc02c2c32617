"""What a model card holds, as plain JSON: codes and numbers, whose words are made where the card is shown.

These types stand apart from `card.py`, which fills them, so that a page can read a card without the training code.
"""

from typing import Any, Literal, NotRequired, TypedDict


class Measure(TypedDict):
    """A figure with the ends of its 95 % interval; None where a bootstrap found no end, which JSON could not hold."""

    value: float
    low: float | None
    high: float | None


class Year(TypedDict):
    """Loans applied for in a year."""

    year: str
    rows: int
    bads: int


class Data(TypedDict):
    """The training loans. `first` and `last` are days of application, "" where they are not known; `missing` is the
    share of loans without a usable value, by feature."""

    rows: int
    bads: int
    bad_rate: float
    first: str
    last: str
    by_year: list[Year]
    missing: dict[str, float]


class Judged(TypedDict):
    """One model out of fold: its weight in the blend (0: it was tried and not taken), its measures, and the kind of its
    calibration."""

    name: str
    weight: float
    calibration: str
    metrics: dict[str, Measure]


class Point(TypedDict):
    """A tenth of the loans in order of PD: their mean PD, and their bad rate with its 95 % interval."""

    rows: int
    pd: float
    rate: Measure


class Share(TypedDict):
    """A feature's or a group's part of the mean absolute contribution; parts add up to 1."""

    name: str
    share: float


class Limit(TypedDict):
    """Something that the model must not be trusted with, as a code with its figures."""

    code: str
    params: dict[str, Any]


class Bin(TypedDict):
    """One bin of one feature: training loans and bads in it, and its points against the average training loan, before
    calibration (20 points double the odds, more is safer).

    A range is `low` <= value < `high` (None: open); `codes` are categories; `special` is a value that is no amount.
    """

    feature: str
    kind: Literal["range", "codes", "special", "missing"]
    low: float | None
    high: float | None
    codes: list[str]
    special: float | None
    rows: int
    bads: int
    points: float


class JudgedGroup(TypedDict):
    """One group; what each figure is, `scoring.ml.fairness.GroupMeasures` says. `name` is the code of a category, the
    place of a bin of a number (0: below the first edge), or "" where the fact is not known."""

    name: str
    rows: int
    bads: int
    mean_pd: float
    bad_rate: Measure
    approval: Measure
    impact_ratio: Measure | None
    goods_approved: Measure | None
    opportunity_difference: Measure | None
    auc: Measure | None


class JudgedFact(TypedDict):
    """The groups of one fact, the largest first. `yardstick` is the group that the others are compared with; `small`
    counts the loans of groups too small to judge; no groups at all: no training row holds the fact."""

    fact: str
    bins: list[float]
    yardstick: str
    groups: list[JudgedGroup]
    small: dict[str, int]


class Leak(TypedDict):
    """A column that seems to know the outcome, with the sentence that says why in both languages."""

    column: str
    code: str
    en: str
    zh: str


class Witness(TypedDict):
    """What an independent library found: contributions of `rows` loans were compared, on raw log-odds. None: it could
    compare nothing, because no tree of the model has a weight or all split by sets of categories."""

    library: str
    rows: int
    largest_difference: float | None


class Weighing(TypedDict):
    """How the loans counted in training and in the measures of the card. `kind`: "propensity" by the inverse chance of
    being seen, at most `cap`; "alike" where all weights of the set are the same; "none" where nobody wanted them.

    `effective_size` is how many loans of equal weight tell as much. Of `rows` loans `by_chance` are known only because
    a random arm drew them, and these carry `by_chance_weight` of all weight. `unweighted` are the model's own measures
    on the same loans, each counted once.
    """

    kind: Literal["propensity", "alike", "none"]
    cap: float
    effective_size: float
    rows: int
    by_chance: float
    by_chance_weight: float
    unweighted: dict[str, float]


class Origin(TypedDict):
    """The model, and the libraries it was made with, that this one has its numbers from."""

    sha256: str
    versions: dict[str, str]


class ModelCard(TypedDict):
    """All of a card. `metrics` are the whole model's, `models` those of every model that was tried. The `witness` is
    heard, and the `weighing` told, where a model is trained to be registered; `verified_from` stands where it was taken
    over from other libraries, not trained."""

    recipe: str
    seed: int
    data: Data
    metrics: dict[str, Measure]
    models: list[Judged]
    intercept: float
    calibration: dict[str, Any]
    reliability: list[Point]
    features: list[Share]
    groups: list[Share]
    bins: list[Bin]
    fairness: list[JudgedFact]
    leaks: list[Leak]
    limits: list[Limit]
    witness: NotRequired[Witness]
    weighing: NotRequired[Weighing]
    verified_from: NotRequired[Origin]
