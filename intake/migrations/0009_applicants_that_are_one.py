"""Applicants that may be one: their numbers, keys, links, and what was said of these, which is never changed."""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep
WAIT = "INSERT INTO intake_applicanttolink (applicant_id) SELECT id FROM cases_applicant ORDER BY id"


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_reopened_by_others'),
        ('intake', '0008_connectors'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApplicantLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('doubtful', 'Doubtful'), ('linked', 'Linked'), ('apart', 'Apart')], max_length=10)),
                ('evidence', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('found_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.applicant')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.applicant')),
            ],
        ),
        migrations.CreateModel(
            name='ApplicantNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('identity_number', 'Identity Number'), ('phone', 'Phone')], max_length=20)),
                ('digest', models.BigIntegerField()),
                ('sealed', models.TextField()),
                ('masked', models.CharField(max_length=32)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('applicant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='numbers', to='cases.applicant')),
            ],
        ),
        migrations.CreateModel(
            name='ApplicantToLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applicant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='cases.applicant')),
            ],
        ),
        migrations.CreateModel(
            name='LinkKeys',
            fields=[
                ('applicant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='cases.applicant')),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['keys'], name='link_keys_shared')],
            },
        ),
        migrations.CreateModel(
            name='LinkStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('doubtful', 'Doubtful'), ('linked', 'Linked'), ('apart', 'Apart')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='intake.applicantlink')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SamePerson',
            fields=[
                ('applicant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='same', serialize=False, to='cases.applicant')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.applicant')),
            ],
        ),
        migrations.AddIndex(
            model_name='applicantlink',
            index=models.Index(condition=models.Q(('state', 'doubtful')), fields=['id'], name='links_in_doubt'),
        ),
        migrations.AddConstraint(
            model_name='applicantlink',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='link_once_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='applicantlink',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='link_smaller_first'),
        ),
        migrations.AddConstraint(
            model_name='applicantlink',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['doubtful', 'linked', 'apart'])), name='link_state_known'),
        ),
        migrations.AddConstraint(
            model_name='applicantlink',
            constraint=models.CheckConstraint(condition=models.Q(('evidence', []), _negated=True), name='link_has_evidence'),
        ),
        migrations.AddConstraint(
            model_name='applicantnumber',
            constraint=models.UniqueConstraint(fields=('applicant', 'kind', 'digest'), name='number_once_an_applicant'),
        ),
        migrations.AddConstraint(
            model_name='applicantnumber',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['identity_number', 'phone'])), name='number_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='linkstep',
            constraint=models.CheckConstraint(condition=models.Q(('actor__isnull', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='link_step_with_a_reason'),
        ),
        keep('intake_linkstep'),
        # Links are looked for among those who are on record, too.
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
    ]
