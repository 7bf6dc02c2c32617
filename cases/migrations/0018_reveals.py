"""Who had the names and numbers of an applicant shown, kept as it was written; how long, and what else is masked."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

guards = import_module("cases.migrations.0002_guards")


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_reopened_by_others'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reveal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('identity', 'Compare them with the documents'), ('contact', 'Get in touch with the applicant'), ('fraud', 'Look into a suspicion of fraud'), ('answer', 'Answer the applicant or an authority'), ('audit', 'Audit or check of quality')], max_length=10)),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='deskrules',
            name='personal_fields',
            field=models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='more facts that are masked (names as sent, with commas)'),
        ),
        migrations.AddField(
            model_name='deskrules',
            name='reveal_minutes',
            field=models.PositiveSmallIntegerField(db_default=15, default=15, verbose_name='minutes that names and numbers stay shown'),
        ),
        migrations.AddConstraint(
            model_name='deskrules',
            constraint=models.CheckConstraint(condition=models.Q(('reveal_minutes__gte', 1), ('reveal_minutes__lte', 480)), name='desk_reveals_last_a_day_at_most'),
        ),
        migrations.AddField(
            model_name='reveal',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reveals', to='cases.case'),
        ),
        migrations.AddField(
            model_name='reveal',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reveals', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='reveal',
            index=models.Index(fields=['person', '-at'], name='reveal_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='reveal',
            index=models.Index(fields=['-at', '-id'], name='reveal_by_time'),
        ),
        migrations.AddConstraint(
            model_name='reveal',
            constraint=models.CheckConstraint(condition=models.Q(('why__in', ['identity', 'contact', 'fraud', 'answer', 'audit'])), name='reveal_purpose_known'),
        ),
        migrations.AddConstraint(
            model_name='reveal',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('at'))), name='reveal_lasts_a_while'),
        ),
        guards.keep("cases_reveal"),
    ]
