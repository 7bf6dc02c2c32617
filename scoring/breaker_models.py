"""What is usual for a model, what its streams of cases say so far, and where it may not decide for now."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import User

WHOLE = ""


def usual_dimensions() -> list[str]:
    return ["source"]


class Sign(models.TextChoices):
    """What may open a breaker, in the order in which it is looked for."""

    RANGE = "range", _("values outside their usual range, or noughts")
    MISSING = "missing", _("missing values")
    DISTRIBUTION = "distribution", _("a feature distributed otherwise")
    WINDOWS = "windows", _("a red drift alarm of a whole window")
    SCORE = "score", _("a jump of the scores")
    APPROVALS = "approvals", _("a jump of the approval rate")
    CALIBRATION = "calibration", _("more bads than the PDs foretell")
    OVERRIDES = "overrides", _("a jump of the override rate")
    ERRORS = "errors", _("values that cannot be read, explanations that do not add up")


def usual_signs() -> list[str]:
    return [str(sign.value) for sign in Sign if sign != Sign.WINDOWS]


class ModelReference(models.Model):
    """What the loans of a model's training looked like (`scoring/ml/drift.py`, Reference): its bins and counts, made
    once. `origin` tells whether they are held-out loans or the first cases it scored."""

    class Origin(models.TextChoices):
        HELD_OUT = "held_out", _("loans held out in its training")
        FIRST_CASES = "first_cases", _("the first cases it scored")

    model = models.OneToOneField("scoring.ModelVersion", on_delete=models.PROTECT, related_name="reference")
    origin = models.CharField(max_length=12, choices=Origin.choices)
    rows = models.PositiveIntegerField()
    content = models.JSONField()
    made_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rows__gt=0), name="model_reference_has_rows")]

    def __str__(self) -> str:
        return f"{self.model_id}: {self.rows} rows"


class Stream(models.Model):
    """The cases of one segment that a model scored, as a test that looks at every case has seen them so far.

    `segment` is "" for all cases of the model's product, else like `source=branch-los`. `own` counts the segment's
    first cases in the bins of the model's reference, [] until there are enough. `approvals` counts approved and all
    cases by policy; of the whole product `taught_by` names the segments whose cases they were.
    """

    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="streams")
    segment = models.CharField(max_length=120, blank=True)
    cases = models.PositiveIntegerField(default=0)
    own = models.JSONField(default=list)
    approvals = models.JSONField(default=dict)
    taught_by = models.JSONField(default=list, db_default=[])
    evidence = models.JSONField(default=dict)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "segment"], name="stream_once_a_model_and_segment")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.segment}"


class BreakerRules(models.Model):
    """One version of how breakers work; the latest is in force, none is ever changed.

    `false_alarm_chance` bounds the chance that a stream like its reference opens a breaker within `within_cases` cases
    (`scoring/ml/change.py`). `allowance` is the shift in nats a case that is not worth an alarm. `own_cases` make a
    segment's own reference. A breaker stays open for `dwell_minutes` at the least, and half open until `trial_cases`
    went by without a sign.
    """

    class WhenOpen(models.TextChoices):
        PEOPLE = "people", _("people decide every case")
        LAST_GOOD = "last_good", _("the champion before it scores and decides")

    is_on = models.BooleanField(_("breakers work"), default=True)
    opens_on = ArrayField(
        models.CharField(max_length=12, choices=Sign.choices), verbose_name=_("what opens one"), default=usual_signs
    )
    dimensions = ArrayField(
        models.CharField(max_length=10), verbose_name=_("segments are cut by"), default=usual_dimensions
    )
    false_alarm_chance = models.FloatField(_("chance of a false alarm"), default=0.01)
    within_cases = models.PositiveIntegerField(_("within so many cases"), default=10_000)
    allowance = models.FloatField(_("shift that is not worth an alarm (nats a case)"), default=0.05)
    own_cases = models.PositiveIntegerField(_("cases that make a segment's own reference"), default=300)
    when_open = models.CharField(
        _("while one is open"), max_length=10, choices=WhenOpen.choices, default=WhenOpen.PEOPLE
    )
    dwell_minutes = models.PositiveIntegerField(_("minutes it stays open at the least"), default=30)
    trial_cases = models.PositiveIntegerField(_("cases without a sign before it closes"), default=20)
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(false_alarm_chance__gt=0, false_alarm_chance__lt=1, within_cases__gt=0, allowance__gte=0),
                name="breaker_rules_fit",
            )
        ]

    def __str__(self) -> str:
        return f"rules {self.pk}"


class Breaker(models.Model):
    """A model that may not decide cases of one segment by itself, since `opened_at`.

    Opened by the machine. One person asks to close it, with a reason: it is half open then, people still decide every
    case and the machine looks on. Another person signs, and it is closed for good; the next is a new row. `since` is
    when the first case came that `signs` speak of, `first_case` its key (0 where no one case is known).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        HALF_OPEN = "half_open", _("Half open")
        CLOSED = "closed", _("Closed")

    model = models.ForeignKey("scoring.ModelVersion", on_delete=models.PROTECT, related_name="breakers")
    segment = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    signs = models.JSONField()
    since = models.DateTimeField()
    first_case = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    rules = models.ForeignKey(BreakerRules, on_delete=models.PROTECT, null=True, related_name="+")
    held = models.PositiveIntegerField(default=0)
    trial_seen = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "segment"], condition=~Q(state="closed"), name="breaker_one_open_a_segment"
            ),
            models.CheckConstraint(
                condition=Q(state="open", asked_by__isnull=True, asked_at__isnull=True, closed_by__isnull=True)
                & Q(closed_at__isnull=True, reason="")
                | Q(state="half_open", asked_by__isnull=False, asked_at__isnull=False, closed_by__isnull=True)
                & Q(closed_at__isnull=True)
                & ~Q(reason="")
                | Q(state="closed", asked_by__isnull=False, asked_at__isnull=False, closed_by__isnull=False)
                & Q(closed_at__isnull=False)
                & ~Q(reason=""),
                name="breaker_state_is_told",
            ),
            # Four eyes by identity: nobody signs what they asked for.
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("asked_by")), name="breaker_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.segment} {self.state}"


class BreakerStep(models.Model):
    """One thing that happened to a breaker; kept as written. `actor` NULL is the machine."""

    class Name(models.TextChoices):
        OPEN = "open", _("opened")
        ASK = "ask", _("closing asked for: half open")
        REFUSE = "refuse", _("closing refused: open again")
        RELAPSE = "relapse", _("signs again while half open: open again")
        CLOSE = "close", _("closed")
        PULL_BACK = "pull_back", _("decisions asked back for review")
        ANSWER = "answer", _("decisions opened again")

    breaker = models.ForeignKey(Breaker, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=10, choices=Name.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.breaker_id} {self.name}"
