"""Quality rules as they were set: a version for each product, and for a source of its own where one is named."""

from django.db import models
from django.db.models import Q

from cases.models import User


class RuleSet(models.Model):
    """The rules of a product (of one source where `source` names it) as YAML text. The latest number is in force.

    Without any, the rules shipped in `intake/quality_rules/` hold. Triggers refuse changes; an empty text sets a source
    back to the rules of its product, and a product back to what is shipped.
    """

    product = models.CharField(max_length=50)
    source = models.CharField(max_length=50, blank=True, default="")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    reason = models.TextField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "source", "number"], name="rules_number_once_a_product"),
            models.CheckConstraint(condition=~Q(product=""), name="rules_of_a_product"),
            models.CheckConstraint(condition=~Q(reason=""), name="rules_set_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.source} {self.number}"
