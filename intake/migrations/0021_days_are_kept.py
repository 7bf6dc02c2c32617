"""A day of a source is closed once and kept: what was usual stands from when it was opened, its figures from its end."""

from django.db import migrations, models
from django.db.models import F, Q

OF_A_DAY = "source_day_delay_of_a_day_that_is_over"

# The one change that is let through gives an open day its figures.
KEEP = """
CREATE TRIGGER source_day_closed_once BEFORE UPDATE ON intake_sourceday FOR EACH ROW
    WHEN (OLD.cases IS NOT NULL OR NEW.cases IS NULL OR (OLD.id, OLD.source_id, OLD.day, OLD.low, OLD.high, OLD.late)
          IS DISTINCT FROM (NEW.id, NEW.source_id, NEW.day, NEW.low, NEW.high, NEW.late))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER source_day_is_kept BEFORE DELETE ON intake_sourceday FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER source_day_stays BEFORE TRUNCATE ON intake_sourceday
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
UNDO = """
DROP TRIGGER source_day_stays ON intake_sourceday;
DROP TRIGGER source_day_is_kept ON intake_sourceday;
DROP TRIGGER source_day_closed_once ON intake_sourceday;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_guards'),
        ('intake', '0020_messages_set_aside'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='sourceday', name=OF_A_DAY),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.CheckConstraint(
                condition=Q(delay__isnull=True, delay_least__isnull=True)
                | Q(cases__isnull=False, delay__isnull=False, delay_least__isnull=False)
                & Q(cases__gt=0, delay_least__gte=0, delay_least__lte=F("delay")),
                name=OF_A_DAY,
            ),
        ),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.CheckConstraint(
                condition=Q(late__isnull=True) | Q(late__gt=0), name='source_day_late_after_a_while'
            ),
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
