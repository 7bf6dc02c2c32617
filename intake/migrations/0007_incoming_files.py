"""Files on their way in."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

Q = models.Q
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0006_quality_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IncomingFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=50)),
                ('name', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('done_at', models.DateTimeField(null=True)),
                ('refusal', models.JSONField(default=dict)),
                ('batch', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to='intake.batch')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'name', 'sha256'), name='incoming_file_once'),
                    models.CheckConstraint(
                        condition=Q(batch__isnull=True, done_at__isnull=True, refusal={})
                        | Q(batch__isnull=False, done_at__isnull=False, refusal={})
                        | Q(batch__isnull=True, done_at__isnull=False) & ~Q(refusal={}),
                        name='incoming_file_ends_as_a_batch_or_refused',
                    ),
                ],
            },
        ),
    ]
