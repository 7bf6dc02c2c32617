"""Who has looked at what the columns of a source were taken for by themselves."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

NAMES = [
    ('opened', 'Opened'),
    ('changed', 'Changed'),
    ('quarantined', 'Quarantined'),
    ('released', 'Released'),
    ('connected', 'Connection set'),
    ('paused', 'Connection paused'),
    ('resumed', 'Connection resumed'),
    ('silent', 'Silent for longer than promised'),
    ('volume', 'Far fewer or far more cases than usual'),
    ('late', 'Cases later than usual'),
    ('watched', 'Watched for long'),
    ('looked', 'Looked at how its columns are read'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0027_source_names_and_progress'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingLook',
            fields=[
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='look', serialize=False, to='intake.mappingversion')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('looked_at', models.DateTimeField(null=True)),
                ('looked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(
                        condition=Q(looked_at__isnull=True, looked_by__isnull=True) | Q(looked_at__isnull=False, looked_by__isnull=False),
                        name='reading_looked_at_by_a_person',
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name='sourcestep', name='name', field=models.CharField(choices=NAMES, max_length=12)
        ),
        migrations.RemoveConstraint(model_name='sourcestep', name='source_step_by_a_person_has_a_reason'),
        migrations.AddConstraint(
            model_name='sourcestep',
            constraint=models.CheckConstraint(
                condition=Q(name__in=['opened', 'quarantined', 'silent', 'volume', 'late', 'watched'])
                | Q(name__in=['changed', 'released', 'connected', 'paused', 'resumed'], actor__isnull=False)
                & ~Q(reason='')
                | Q(name='looked', actor__isnull=False),
                name='source_step_by_a_person_has_a_reason',
            ),
        ),
    ]
