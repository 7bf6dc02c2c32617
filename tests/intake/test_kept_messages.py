"""Messages that were kept whole: asked for with a reason, tried once, one case of each whoever asks how often."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, transaction

from cases.errors import BadDecision, NotAllowed
from cases.locks import alone
from cases.models import Case, User
from intake.admission import taking_in
from intake.health.message_looks import look_at_messages
from intake.models import Batch, CaseOrigin, MessageStep, RejectedRow, Source
from intake.ways_in import kept_messages as kept
from intake.ways_in import stream_messages
from intake.ways_in.kept_messages import LOCK, ask_again, has_asked, try_asked
from intake.ways_in.stream_messages import Message, add_to_batch, read_message
from tests.intake.kept import keep, of_crm
from tests.intake.pulled import REASON
from tests.together import together
from tests.worker import PATIENCE, wait_for, worker_environ

ROOT = Path(__file__).parents[2]
# A worker that a message kills: what is tried stands in the database by then.
KILLED = """
import os, signal, django
django.setup()
from intake.ways_in import kept_messages
kept_messages.read_message = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
kept_messages.try_asked()
"""


def told(row: RejectedRow) -> list[str]:
    return list(MessageStep.objects.filter(row=row).values_list("name", flat=True))


def test_each_is_tried_once_and_becomes_a_case_or_is_refused_with_its_errors(supervisor: User, auditor: User) -> None:
    good, bad, again = keep(of_crm("A-1"), of_crm("A-2", amount="0"), of_crm("A-3"))
    with pytest.raises(NotAllowed):
        ask_again("crm", by=auditor, reason=REASON)
    with pytest.raises(BadDecision):
        ask_again("crm", by=supervisor, reason="short")
    assert not has_asked()
    assert ask_again("crm", by=supervisor, reason=REASON, row_ids=[good.pk, bad.pk]) == 2
    assert ask_again("crm", by=supervisor, reason=REASON, row_ids=[good.pk, bad.pk]) == 0
    assert (has_asked(), try_asked(), try_asked(), has_asked()) == (True, 2, 0, False)
    case = Case.objects.get()
    assert (case.external_ref, CaseOrigin.objects.get().message) == ("A-1", good.message)
    asked, _begun, ended = MessageStep.objects.filter(row=good)
    assert (asked.actor, asked.reason, ended.name, ended.case) == (supervisor, REASON, "taken_in", case)
    assert told(bad) == ["asked", "begun", "refused"]
    assert [error["field"] for error in MessageStep.objects.get(name="refused").errors] == ["amount"]
    assert RejectedRow.objects.get(message=bad.message, errors__0__field="amount").raw["external_ref"] == "A-2"
    assert RejectedRow.objects.get(pk=bad.pk).raw == bad.raw
    # What is settled is passed over; what was refused may be tried again, and adds no second row of the same.
    assert ask_again("crm", by=supervisor, reason=REASON) == 2
    assert try_asked() == 2
    assert (told(again), told(bad)[3:]) == (["asked", "begun", "taken_in"], ["asked", "begun", "refused"])
    assert (Case.objects.count(), RejectedRow.objects.count()) == (2, 4)
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.rows, batch.accepted, batch.rejected) == (7, 2, 5)


def test_what_its_sender_sent_again_meanwhile_is_known_and_other_content_refused(supervisor: User) -> None:
    same, other = keep(of_crm("A-1"), of_crm("A-2"))
    source = Source.objects.get()
    for at, body in enumerate((of_crm("A-1"), of_crm("A-2", amount="7.00")), 3):
        sent = read_message(Message(f"{at}-0", json.dumps(body).encode()), at, source)
        with transaction.atomic():
            add_to_batch(source, "redis", "loans", [sent])
    ask_again("crm", by=supervisor, reason=REASON)
    try_asked()
    assert (told(same)[-1], told(other)[-1]) == ("known", "refused")
    assert MessageStep.objects.get(name="known").case == Case.objects.get(external_ref="A-1")
    assert MessageStep.objects.get(name="refused").errors[0]["code"] == "reference_reused"
    assert Case.objects.count() == 2


def test_one_that_our_side_cannot_take_in_says_so_and_is_not_tried_by_itself(
    supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, good = keep(of_crm("A-1"), of_crm("A-2"))
    real = taking_in.take_in

    def take_in(batch: Batch, rows: Any) -> Any:
        if rows[0].submission.external_ref == "A-1":
            raise DataError("poison")
        return real(batch, rows)

    monkeypatch.setattr(stream_messages, "take_in", take_in)
    ask_again("crm", by=supervisor, reason=REASON)
    assert (try_asked(), try_asked()) == (2, 0)
    assert (told(failing)[-1], told(good)[-1]) == ("failed", "taken_in")
    assert MessageStep.objects.get(name="failed").errors == [{"problem": "DataError"}]
    assert Case.objects.get().external_ref == "A-2"


def is_let_go() -> bool:
    with alone(LOCK) as mine:
        return mine


def test_one_that_kills_its_worker_again_waits_for_a_person_and_is_one_case_in_the_end(
    shared_db: None, supervisor: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    killing, other = keep(of_crm("A-1"), of_crm("A-2"))
    asks = [lambda by=by: ask_again("crm", by=by, reason=REASON) for by in (supervisor, admin, admin)]
    assert sorted(together(asks)) == [0, 0, 2]
    worker = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, env=worker_environ(), check=False)
    assert (worker.returncode, told(killing), told(other)) == (-9, ["asked", "begun"], ["asked"])
    # The database notices an instant later that nobody is there any more.
    wait_for(is_let_go, PATIENCE, "the lock of the killed worker to be let go")
    monkeypatch.setattr(kept, "DEATHS_MOST", 1)
    assert (has_asked(), try_asked(), has_asked()) == (True, 0, False)
    assert (told(killing), told(other)) == (["asked", "begun", "died"], ["asked", "called_off"])
    assert Case.objects.count() == 0
    assert sorted(together(asks)) == [0, 0, 2]
    assert sum(together([try_asked] * 3)) == 2
    assert (told(killing)[3:], told(other)[2:]) == (["asked", "begun", "taken_in"], ["asked", "begun", "taken_in"])
    assert Case.objects.count() == CaseOrigin.objects.count() == 2
    assert sum(together(asks)) == 0
