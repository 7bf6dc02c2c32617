"""The sample book set up: people, a champion trained on the loans of 2016, a policy, and the new cases of 2018."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

from django.utils import timezone

from cases.desk_rules import set_desk_rules
from cases.models import Case, DeskRules, User
from cases.states import Role
from desk.cards import write_card_files
from desk.demo import ACCOUNTS, AUTHORITY_CURRENCY
from intake.actions import ImportReport, import_rows, start_import
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import CaseMapping, mapping_as_data
from intake.record.choose import mapping_for
from intake.tabular.tables import Table
from learning.actions import ObservedOutcome, OutcomeReceipt, record_outcomes
from learning.comparing import comparison_of
from learning.promises import promise_at_lines
from learning.set_building import build_training_set
from learning.train import train_model
from routing.actions import active_policy
from routing.drafting import draft_policy, test_policy
from routing.duty import state_duty
from routing.frozen import without_cases
from routing.models import Duty
from routing.product_fields import product_features
from routing.publication import approve_policy, consequences_of, propose_policy
from routing.table.tables import Cell, Row
from routing.table.tables import Table as DecisionTable
from routing.terms import Guard, Promise, Terms
from routing.usual_examples import usual_examples
from scoring.ml.errors import ArtefactError
from scoring.ml.training import Progress as TrainingProgress
from scoring.models import ModelVersion
from scoring.promotion import approve_model, promote_model, propose_model, ticks_of
from scoring.registry import champion_sha256, champion_version, load_version

PRODUCT: Final = "consumer"
FOLDER: Final = Path(__file__).resolve().parent.parent / "sample"
HOURS: Final = {"reviewer": Decimal(6), "reviewer2": Decimal(6), "supervisor": Decimal(2)}
Rows = Callable[[int], object]

# What a borrower may owe here at most, by risk band and yearly income. Made up for the demonstration.
LIMITS: Final = DecisionTable(
    "limits",
    "first",
    tuple(
        Row(
            f"L{place}",
            {"risk_band": Cell("=", (band,))},
            {"per_income": times, "floor": 1_000.0, "cap": 40_000.0},
            f"Risk band {band}: {times:g} times the yearly income",
            f"风险等级 {band}：年收入的 {times:g} 倍",
        )
        for place, (band, times) in enumerate((("A", 1.5), ("B", 1.2), ("C", 1.0), ("D", 0.8), ("E", 0.6)), 1)
    ),
    {"cap": 0.0},
)
# Chosen on the loans of 2016: a bad loan of this book costs about six times what a good one earns, so the advice turns
# at each loan's own PD of about 14 %; the band around it and the doubt limit send about one case in ten to people.
# Few loans of this book go bad and its bads look much like its goods: at these lines the machine approves most of the
# bads, and 75 % is what can honestly be promised. A promise of 5 % would have people look at three loans in four.
TERMS: Final = Terms(
    approve_below=0.12,
    cut_off=None,
    decline_above=0.16,
    doubt_limit=0.50,
    amount_limit=39_000,
    currency="USD",
    audit_share=0.01,
    sla_hours=24,
    limits=LIMITS,
    features=product_features(PRODUCT),
    review_cost=25.0,
    reviewer_accuracy=0.85,
    guard=Guard(tolerance=0.1, least_cases=200, fall_back=False),
    promise=Promise(miss_rate=0.75, good_decline_rate=0.05),
    examples=usual_examples(approve_below=0.12, decline_above=0.16),
)


@dataclass(frozen=True)
class Book:
    """One table of the sample with its mapping."""

    path: Path
    source: str

    def open(self) -> tuple[Table, str, CaseMapping]:
        table = open_table(self.path)
        name, mapping = mapping_for(table, self.source, None)
        return table, name, mapping


HISTORY: Final = Book(FOLDER / "lending_club_2016.csv.gz", "lending-club-2016")
NEW_CASES: Final = Book(FOLDER / "lending_club_2018.csv.gz", "lending-club-2018")


def make_accounts(password: str) -> None:
    """One account a role, with the demonstration's common password. Existing ones keep password and preferences."""
    for account in ACCOUNTS:
        user, created = User.objects.get_or_create(username=account.username)
        user.first_name, user.last_name = account.full_name
        user.role = account.role
        user.authority_amount = account.authority
        user.authority_currency = AUTHORITY_CURRENCY
        user.may_decide_in_bulk = account.decides_in_bulk
        user.is_staff = user.is_superuser = account.role == Role.ADMIN
        if created:
            user.set_password(password)
        user.save()


def make_desk_rules() -> None:
    """The rules of the desk in the currency of the sample's loans, unless an administrator has set some before."""
    if not DeskRules.objects.exists():
        changes = {"bulk_currency": AUTHORITY_CURRENCY}
        reason = "The loans of the sample are in this currency."
        set_desk_rules(by=User.objects.get(username="admin"), reason=reason, changes=changes)


def make_duty() -> None:
    """The hours of the demonstration's people, stated by its supervisor unless some were stated before."""
    supervisor = User.objects.get(username="supervisor")
    for username, hours in HOURS.items():
        person = User.objects.get(username=username)
        if not Duty.objects.filter(person=person).exists():
            state_duty(person.pk, by=supervisor, hours_a_day=hours, most_cases_a_day=None, products=[])


def load_book(book: Book, *, limit: int | None = None, progress: Rows | None = None) -> ImportReport:
    """Import a table of the sample; what is there already is recognised."""
    table, name, mapping = book.open()
    file = start_import(book.path, source=mapping.source, mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    rows = islice(read_rows(table, mapping, now=timezone.now()), limit)
    return import_rows(file, rows, decided=mapping.decided, progress=progress)


def load_outcomes(book: Book, *, limit: int | None = None, progress: Rows | None = None) -> OutcomeReceipt:
    """Record how the loans of a table went, as far as they were granted here."""
    table, _name, mapping = book.open()
    keys = dict(Case.objects.filter(source=mapping.source).values_list("external_ref", "pk"))
    outcomes = []
    for row in islice(read_rows(table, mapping, now=timezone.now()), limit):
        outcomes += outcome_of(row, keys)
        if progress:
            progress(1)
    return record_outcomes(outcomes, given_by=mapping.source)


def outcome_of(row: ReadRow, keys: dict[str, int]) -> list[ObservedOutcome]:
    case, known = row.submission, row.outcome
    if case is None or known is None or case.external_ref not in keys:
        return []
    return [ObservedOutcome(keys[case.external_ref], known.observed_at or case.applied_at, known.bad, known.mature)]


def make_champion(progress: TrainingProgress | None = None) -> None:
    """Train and register a champion, write its card, and put it in force: the first one by the demonstration's admin.

    In the place of one that can be loaded here no more (other libraries) the admin proposes it, with what can be
    compared, and the supervisor approves it.
    """
    version = train_model(build_training_set(PRODUCT), progress=progress)
    write_card_files(version)
    admin, supervisor = User.objects.get(username="admin"), User.objects.get(username="supervisor")
    if champion_version(PRODUCT) is None:
        promote_model(version.pk, by=admin)
    elif version.status != ModelVersion.Status.CHAMPION:
        proposal = propose_model(version.pk, by=admin, comparison=comparison_of(version))
        seen = proposal.comparison_sha256
        approve_model(proposal.pk, by=supervisor, comparison_sha256=seen, ticked=ticks_of(proposal))


def make_policy() -> None:
    """Draft, test and propose the first policy as the admin, approve it as the supervisor.

    No case was routed yet that could be simulated; the proposal says so, and the supervisor ticks that.
    """
    admin, supervisor = User.objects.get(username="admin"), User.objects.get(username="supervisor")
    policy = draft_policy(PRODUCT, by=admin, terms=TERMS, purpose="The first policy of the demonstration")
    test_policy(policy.pk, by=admin)
    nothing = without_cases(policy.sha256, against=None, against_sha256="", model_sha256=champion_sha256(PRODUCT))
    simulation = {**nothing, "promise": promise_at_lines(PRODUCT, TERMS)}
    proposed = propose_policy(policy.pk, by=admin, simulation=simulation)
    ticked = [each.key for each in consequences_of(policy.pk)]
    approve_policy(policy.pk, by=supervisor, simulation_sha256=proposed.simulation_sha256, ticked=ticked)


def is_ready() -> bool:
    """Whether the policy and a model that can be loaded here are in force."""
    version = champion_version(PRODUCT)
    if version is None or active_policy(PRODUCT) is None:
        return False
    try:
        load_version(version)
    except ArtefactError:
        return False
    return True
