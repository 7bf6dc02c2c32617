"""What can be refused, each with a title, a sentence that a reviewer understands and the HTTP status it means."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class CaseError(Exception):
    """A refusal. `sentence` is shown to the person under `title`; `status` is the HTTP status of the answer."""

    status = 409
    code = "refused"
    title: str | Promise = _("Not possible")
    sentence: str | Promise = _("This is not possible.")

    def __init__(self, sentence: str | Promise | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(str(self.sentence))

    def __str__(self) -> str:
        return str(self.sentence)


class CaseNotFound(CaseError):
    status = 404
    code = "not_found"
    title = _("Not found")
    sentence = _("There is no such case, or you may not see it.")


class NotAllowed(CaseError):
    status = 403
    code = "not_allowed"
    title = _("Not allowed")
    sentence = _("Your role does not allow this.")


class TooManyReveals(CaseError):
    code = "too_many_reveals"
    title = _("Too many at once")
    sentence = _("You have had the names and numbers of 60 cases shown within an hour. Go on later.")


class StaleCase(CaseError):
    code = "stale"
    title = _("The case has changed")
    sentence = _("The case has changed since you opened it. Look at it again before you decide.")


class CaseMoved(CaseError):
    code = "moved"
    title = _("Somebody was faster")
    sentence = _("Someone was faster: the case is no longer where this step could be made.")


class ClaimLost(CaseError):
    code = "claim_lost"
    title = _("You do not hold this case")
    sentence = _("You do not hold this case any more. Claim it again before you decide.")


class OpinionFirst(CaseError):
    code = "opinion_first"
    title = _("Your own opinion comes first")
    sentence = _("Say what you think first: what the model says of this case is hidden until then.")


class OpinionTooLate(CaseError):
    code = "opinion_too_late"
    title = _("The model is shown already")
    sentence = _("Nothing is hidden on this case: an opinion counts only before the model is seen.")


class FourEyes(CaseError):
    status = 403
    code = "four_eyes"
    title = _("Another person must do this")
    sentence = _("A second person must sign: nobody signs a case they decided or entered themselves.")


class LookInHand(CaseError):
    """Who judges a decision a second time does not see it before: nothing of the case but the page of the look."""

    status = 403
    code = "look_in_hand"
    title = _("Your second look comes first")
    sentence = _("You judge this decision a second time: the case opens once you have answered.")

    def __init__(self, look_id: int) -> None:
        self.look_id = look_id
        super().__init__()


class ConflictOfInterest(CaseError):
    status = 403
    code = "conflict_of_interest"
    title = _("Conflict of interest")
    sentence = _("A conflict of interest with this applicant is stated for you: somebody else decides.")


class BeyondAuthority(CaseError):
    """A signature on more than the pen is good for."""

    status = 403
    code = "beyond_authority"
    title = _("Beyond your authority")
    sentence = _("Beyond your authority: add a signer who may sign it.")


class PacketChanged(CaseError):
    """What a decision stands on is not what its reviewer saw; `changes` says what is different."""

    code = "packet_changed"
    title = _("The case has changed since the decision")

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = tuple(changes)
        sentence = gettext("The case is not the one that was decided, so no signature on it counts. Send it back.")
        super().__init__(f"{sentence} {' · '.join(changes)}")


class BadDecision(CaseError):
    """A decision form that is incomplete; `field` names what is missing."""

    status = 422
    code = "bad_decision"
    title = _("Something is missing")

    def __init__(self, field: str, sentence: str | Promise) -> None:
        self.field = field
        super().__init__(sentence)


class NothingToClaim(CaseError):
    status = 404
    code = "nothing_to_claim"
    title = _("Nothing waits")
    sentence = _("Nothing waits for you right now.")


class DayFull(NothingToClaim):
    """The cap of somebody's day is reached: what was handed to them or kept for them is all they may take."""

    status = 409
    code = "day_full"
    title = _("Your day is full")
    sentence = _("You have reached your number of cases for today: you can still take what was handed to you.")


class HandsFull(CaseError):
    code = "hands_full"
    title = _("You hold enough cases")
    sentence = _("You hold as many cases as one person may at once. Decide one or give one back first.")


class BadDocument(CaseError):
    """A file that does not come into a case."""

    status = 422
    code = "bad_document"
    title = _("The document was not added")
