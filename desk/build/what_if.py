"""What would change the model's answer, asked of the model itself when a reader wants to know."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from desk.build.facts import reader_language
from desk.dossier import Dossier
from desk.explained import Explained
from desk.pages import ChangeOption, WhatIf
from desk.words import percent
from scoring.ml.errors import ArtefactError
from scoring.ml.reasons import sentence_of
from scoring.queries import reasons_hold, what_would_change


def what_if_of(dossier: Dossier) -> WhatIf:
    """The model's own answer; a sentence where it cannot be asked."""
    explained, route = dossier.explained, dossier.route
    if explained is None:
        return WhatIf(refusal=_("The machine has not assessed this case yet."))
    if not route or not route.policy:
        return WhatIf(refusal=_("Without a policy there is no line that the case could cross."))
    try:
        return _answer(explained, route.lines)
    except ArtefactError as refusal:
        return WhatIf(refusal=refusal.sentence(reader_language()))


def _answer(explained: Explained, lines: Mapping[str, float]) -> WhatIf:
    line, aim = _next_line(explained.assessment.pd, lines)
    language = reader_language()
    reasons = explained.reasons if explained.assessment.explanation_holds else []
    holds = reasons_hold(explained.assessment, reasons)
    return WhatIf(
        aim=aim,
        options=tuple(
            ChangeOption(change.text(explained.table, language), percent(change.pd))
            for change in what_would_change(explained.assessment, line)
        ),
        doubted=tuple(
            sentence_of(explained.table, reason, language)
            for reason, is_borne_out in zip(reasons, holds, strict=True)
            if not is_borne_out
        ),
    )


def _next_line(pd: float, known: Mapping[str, float]) -> tuple[float, str]:
    """The next line of the policy on the safer side of the PD, in words; from the safest band the way leads back."""
    lines = (
        (known["decline_above"], _("Below a PD of %(pd)s the machine no longer declines.")),
        (known["cut_off"], _("Below a PD of %(pd)s the advice turns to approval.")),
        (known["approve_below"], _("Below a PD of %(pd)s the machine may approve.")),
    )
    for line, words in lines:
        if pd >= line:
            return line, words % {"pd": percent(line)}
    line = known["approve_below"]
    return line, _("From a PD of %(pd)s on the machine no longer approves.") % {"pd": percent(line)}
