"""The machine's steps in the order in which a case meets them, and what is looked after every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cases.actions import expire_claims, expire_signoffs
from cases.locks import alone
from cases.models import Case
from cases.states import State
from cases.wake import send_task, send_wake
from intake.health.message_looks import look_at_messages
from intake.health.quarantine import settle_quarantines
from intake.health.silence import tell_of_silence
from intake.health.source_days import tell_of_unusual_days
from intake.people.linking import has_to_link
from intake.signing.first_look import settle_looks
from intake.ways_in.consuming import CONSUME_TASK, streams_due
from intake.ways_in.incoming import has_files
from intake.ways_in.kept_messages import TRY_TASK, has_asked
from intake.ways_in.pulling import PULL_TASK, pulls_due
from learning.actions import label_decisions
from learning.blind_labels import label_blind_reviews
from learning.exploration import watch_explorations
from learning.from_repayment import label_repayment
from learning.monitoring import watch_models
from learning.reviewer_accuracy import measured_accuracies
from learning.set_requests import BUILD_TASK, builds_waiting
from learning.training_requests import TRAIN_TASK, trainings_waiting
from outgoing.feeding import SEND_FEEDS, feeds_due
from outgoing.sending import has_due
from outgoing.telling import tell_feeds, tell_webhooks
from routing.actions import route_scored_cases
from routing.assigning import assign_waiting_cases
from routing.concentration import sum_up_concentration
from routing.guarding import check_policies
from routing.in_force import activate_due_policies
from routing.second_looks import draw_second_looks
from scoring.actions import free_leases, score_waiting_cases
from scoring.open_cases import score_open_cases
from scoring.promotion import activate_due_models

SEND_WEBHOOKS: Final = "riskreview.tasks.send_webhooks"
LINK_APPLICANTS: Final = "riskreview.tasks.link_applicants"
TAKE_IN_FILES: Final = "riskreview.tasks.take_in_files"


@dataclass(frozen=True)
class Step:
    """Takes a chunk of the cases in `state` onwards. `run` gets the name of the worker and returns how many moved."""

    state: State
    run: Callable[[str], int]


STEPS: Final = (
    Step(State.RECEIVED, score_waiting_cases),
    Step(State.SCORED, lambda taker: route_scored_cases()),
)


def advance(taker: str, *, resumed: bool = False) -> int:
    """Carry one chunk through every step, until a person, the outside world or the end owns its cases.

    `resumed`: the one who worked under this name died in the middle; what it had taken is free again at once.
    """
    if resumed:
        free_leases(taker)
    look_at_messages()
    return sum(step.run(taker) for step in STEPS)


def sweep() -> bool:
    """Look after what no message announces, unless another process is at it: sweeps that take longer than the time
    between two must not fill the processes that decide. Returns whether it was done."""
    with alone("sweep") as mine:
        if mine:
            look_after_all()
        return mine


def ask_for_long_work() -> None:
    """Ask for what has a task of its own: applicants to be linked, files, databases and streams to be read, kept
    messages to be tried again, training sets to be built and models to be trained. A few small queries; whoever has
    uploaded three rows does not wait for the rest of a sweep, which takes its time where many cases wait."""
    is_due = {
        LINK_APPLICANTS: has_to_link,
        TAKE_IN_FILES: has_files,
        PULL_TASK: pulls_due,
        CONSUME_TASK: streams_due,
        TRY_TASK: has_asked,
        BUILD_TASK: builds_waiting,
        TRAIN_TASK: trainings_waiting,
    }
    for task, waits in is_due.items():
        if waits():
            send_task(task)


def look_after_all() -> None:
    """What no message announces: leases that ran out, decisions that nobody signed in time, or without a label, blind
    reviews without one, loans whose repayment tells an outcome, training sets that wait to be built and models to be
    trained, messages that nobody looked at, cases of sources in quarantine or released from it or looked at, sources
    that fell silent or send far more, fewer or later than usual, applicants that may be one, files in the folder,
    databases that are to be asked and streams to be read, kept messages to be tried again, models and policies whose
    time has come, open cases of which a new champion has said nothing, policies whose predictions fail, explorations
    that have to stop, windows of cases that are full, sums that are old, decisions that get a second look, messages for
    webhooks and feeds, work whose wake-up was lost, waiting cases nobody was handed yet."""
    ask_for_long_work()
    expire_claims()
    expire_signoffs()
    if look_at_messages():
        # Workers that came meanwhile left these cases alone.
        send_wake()
    settle_quarantines()
    settle_looks()
    tell_of_silence()
    tell_of_unusual_days()
    label_decisions()
    label_blind_reviews()
    label_repayment()
    sum_up_concentration()
    activate_due_models()
    score_open_cases()
    activate_due_policies()
    check_policies()
    watch_explorations()
    watch_models()
    draw_second_looks()
    tell_webhooks()
    if has_due():
        send_task(SEND_WEBHOOKS)
    tell_feeds()
    if feeds_due():
        send_task(SEND_FEEDS)
    if Case.objects.waiting_for_machine().exists():
        send_wake()
    assign_waiting_cases(measured_accuracies)
