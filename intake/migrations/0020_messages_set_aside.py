"""A person may set a kept message aside: a step of its own, with the reason."""

from django.db import migrations, models
from django.db.models import Q

OTHERS = ["asked", "begun", "refused", "failed", "died", "called_off"]
PERSONS, SETTLED = ["asked", "set_aside"], Q(name__in=["taken_in", "known"], batch__isnull=False)
BY_A_PERSON, BY_A_CASE = "message_asked_by_a_person_with_a_reason", "message_step_known_and_settled_by_a_case"


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0019_archives_of_several_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='messagestep',
            name='name',
            field=models.CharField(choices=[('asked', 'Waits to be tried'), ('begun', 'Being tried'), ('taken_in', 'Taken in'), ('known', 'Known already'), ('refused', 'Refused'), ('failed', 'Failed'), ('died', 'Its worker died'), ('called_off', 'Called off'), ('set_aside', 'Set aside')], max_length=10),
        ),
        migrations.RemoveConstraint(model_name='messagestep', name=BY_A_PERSON),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.CheckConstraint(
                condition=Q(name__in=PERSONS, actor__isnull=False) & ~Q(reason="")
                | ~Q(name__in=PERSONS) & Q(actor__isnull=True, reason=""),
                name=BY_A_PERSON,
            ),
        ),
        migrations.RemoveConstraint(model_name='messagestep', name=BY_A_CASE),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.CheckConstraint(
                condition=SETTLED | Q(name__in=[*OTHERS, "set_aside"], case__isnull=True), name=BY_A_CASE
            ),
        ),
    ]
