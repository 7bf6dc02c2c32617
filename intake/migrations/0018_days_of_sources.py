"""What came from each source on each day, and that it was told of."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_reveals'),
        ('intake', '0017_silent_sources'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('low', models.PositiveIntegerField(null=True)),
                ('high', models.PositiveIntegerField(null=True)),
                ('late', models.FloatField(null=True)),
                ('cases', models.PositiveIntegerField(null=True)),
                ('delay', models.FloatField(null=True)),
                ('delay_least', models.FloatField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='sourcestep',
            name='source_step_by_a_person_has_a_reason',
        ),
        migrations.AlterField(
            model_name='sourcestep',
            name='name',
            field=models.CharField(choices=[('opened', 'Opened'), ('changed', 'Changed'), ('quarantined', 'Quarantined'), ('released', 'Released'), ('connected', 'Connection set'), ('paused', 'Connection paused'), ('resumed', 'Connection resumed'), ('silent', 'Silent for longer than promised'), ('volume', 'Far fewer or far more cases than usual'), ('late', 'Cases later than usual')], max_length=12),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['started_at'], name='batch_by_start'),
        ),
        migrations.AddConstraint(
            model_name='sourcestep',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['opened', 'quarantined', 'silent', 'volume', 'late']), models.Q(('actor__isnull', False), ('name__in', ['changed', 'released', 'connected', 'paused', 'resumed']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='source_step_by_a_person_has_a_reason'),
        ),
        migrations.AddField(
            model_name='sourceday',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='intake.source'),
        ),
        migrations.AddIndex(
            model_name='sourceday',
            index=models.Index(fields=['day'], name='source_day_by_day'),
        ),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.UniqueConstraint(fields=('source', 'day'), name='source_day_once'),
        ),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('high__isnull', True), ('low__isnull', True)), models.Q(('high__isnull', False), ('low__isnull', False), ('low__lte', models.F('high'))), _connector='OR'), name='source_day_usual_from_low_to_high'),
        ),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delay__isnull', True), ('delay_least__isnull', True)), models.Q(('cases__isnull', False), ('delay__isnull', False), ('delay_least__isnull', False), ('delay_least__lte', models.F('delay'))), _connector='OR'), name='source_day_delay_of_a_day_that_is_over'),
        ),
    ]
