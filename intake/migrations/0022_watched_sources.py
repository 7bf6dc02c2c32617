"""That something was watched for long is a step of a source, which nobody has to give a reason for."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [('intake', '0021_days_are_kept')]

    operations = [
        migrations.RemoveConstraint(model_name='sourcestep', name='source_step_by_a_person_has_a_reason'),
        migrations.AlterField(
            model_name='sourcestep',
            name='name',
            field=models.CharField(choices=[('opened', 'Opened'), ('changed', 'Changed'), ('quarantined', 'Quarantined'), ('released', 'Released'), ('connected', 'Connection set'), ('paused', 'Connection paused'), ('resumed', 'Connection resumed'), ('silent', 'Silent for longer than promised'), ('volume', 'Far fewer or far more cases than usual'), ('late', 'Cases later than usual'), ('watched', 'Watched for long')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='sourcestep',
            constraint=models.CheckConstraint(
                condition=Q(name__in=['opened', 'quarantined', 'silent', 'volume', 'late', 'watched'])
                | Q(name__in=['changed', 'released', 'connected', 'paused', 'resumed'], actor__isnull=False)
                & ~Q(reason=''),
                name='source_step_by_a_person_has_a_reason',
            ),
        ),
    ]
