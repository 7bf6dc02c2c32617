"""Labels with window, maturity, propensity and exclusion; weights by version; sets with their rows, and their building."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0015_notices_without_a_case'),
        ('learning', '0004_held_out_by_odds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LabelWeights',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('outcome', models.FloatField(default=1.0)),
                ('exploration', models.FloatField(default=1.0)),
                ('inferred', models.FloatField(default=0.0)),
                ('cap', models.FloatField(default=20.0)),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='SetBuild',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=50)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('waiting', 'Waiting'), ('building', 'Building'), ('done', 'Built'), ('failed', 'Not built'), ('dismissed', 'Dismissed')], default='waiting', max_length=10)),
                ('why', models.JSONField(default=dict)),
                ('proposed_at', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField(null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('beat_at', models.DateTimeField(null=True)),
                ('problem', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='TrainingSetRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.FloatField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='label',
            name='label_one_outcome_a_case_and_time',
        ),
        migrations.RemoveConstraint(
            model_name='label',
            name='label_only_repayment_says_bad',
        ),
        migrations.AddField(
            model_name='label',
            name='basis',
            field=models.CharField(choices=[('always', 'the machine approves such cases'), ('explored', 'drawn for exploration'), ('audited', 'declined by the machine, drawn for a look, approved'), ('people', 'people decided: the share approved among like cases'), ('unknown', 'not known')], db_default='unknown', default='unknown', max_length=10),
        ),
        migrations.AddField(
            model_name='label',
            name='blind_agreeing',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='label',
            name='exclusion',
            field=models.CharField(blank=True, choices=[('early_bad', 'Bad before its window was over: the goods of its age are not known yet'), ('immature', 'Good so far: its window is not over'), ('not_repayment', "A person's view, not repayment"), ('inferred', 'Inferred: for sensitivity analysis only'), ('restated', 'Restated by a later outcome'), ('facts_changed', 'The facts on record are not those it was decided on')], db_default='', default='', max_length=15),
        ),
        migrations.AddField(
            model_name='label',
            name='is_agreed',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='label',
            name='maturity',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='label',
            name='propensity',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='label',
            name='second_look',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='label', to='cases.secondlook'),
        ),
        migrations.AddField(
            model_name='label',
            name='window_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='label',
            name='window_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='as_of',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='built_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='card',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='effective_size',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='previous',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning.trainingset'),
        ),
        migrations.AlterField(
            model_name='label',
            name='source',
            field=models.CharField(choices=[('outcome', 'Matured outcome'), ('early_bad', 'Bad before maturity'), ('immature_good', 'Good so far'), ('exploration', 'Outcome of an exploration'), ('decision', "Reviewer's decision"), ('signature', "Supervisor's signature"), ('blind_review', 'Blind review, settled'), ('inferred', 'Inferred')], max_length=15),
        ),
        migrations.AddField(
            model_name='labelweights',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='label',
            name='weights',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='learning.labelweights'),
        ),
        migrations.AddField(
            model_name='trainingset',
            name='weights',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sets', to='learning.labelweights'),
        ),
        migrations.AddIndex(
            model_name='label',
            index=models.Index(fields=['recorded_at'], name='label_by_time'),
        ),
        migrations.AddIndex(
            model_name='trainingset',
            index=models.Index(fields=['product', '-id'], name='training_set_of_a_product'),
        ),
        migrations.AddField(
            model_name='setbuild',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='setbuild',
            name='dataset',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='builds', to='learning.trainingset'),
        ),
        migrations.AddField(
            model_name='trainingsetrow',
            name='dataset',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='learning.trainingset'),
        ),
        migrations.AddField(
            model_name='trainingsetrow',
            name='label',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='learning.label'),
        ),
        # Labels of earlier releases get their window by the rule of learning/labels.py (twelve months, or the term), and
        # whether they may be learned from. How likely each was to be seen is not known any more. No table is altered
        # while checks of its rows are still to come.
        migrations.RunSQL(
            """
            SET CONSTRAINTS ALL IMMEDIATE;
            ALTER TABLE learning_label DISABLE TRIGGER USER;
            UPDATE learning_label l SET
                window_from = c.applied_at,
                window_until = c.applied_at + make_interval(secs => 86400 * 365.25 / 12 * least(12, c.term_months)),
                maturity = CASE WHEN l.source = 'outcome' THEN 1 ELSE greatest(0, least(1, extract(epoch FROM
                    l.observed_at - c.applied_at) / (86400 * 365.25 / 12 * least(12, c.term_months)))) END
            FROM cases_case c WHERE c.id = l.case_id AND l.is_bad IS NOT NULL;
            UPDATE learning_label SET exclusion = CASE source WHEN 'outcome' THEN '' WHEN 'early_bad' THEN 'early_bad'
                WHEN 'immature_good' THEN 'immature' ELSE 'not_repayment' END;
            ALTER TABLE learning_label ENABLE TRIGGER USER;
            """,
            migrations.RunSQL.noop,
        ),
    ]
