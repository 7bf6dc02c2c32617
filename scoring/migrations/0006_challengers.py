"""Challengers: models in shadow, shares of the traffic, promotions by two people, and every step of a model's life."""

import django.db.models.deletion
import django.db.models.functions.datetime
import scoring.shadow_models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0015_notices_without_a_case'),
        ('scoring', '0005_cohort_reasons'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='modelversion',
            name='trained_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trained_models', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='TrafficSplit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=50)),
                ('share', models.FloatField()),
                ('secret', models.CharField(default=scoring.shadow_models.new_split_secret, editable=False, max_length=64)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('reason', models.TextField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stop_reason', models.TextField(blank=True, default='')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('challenger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='scoring.modelversion')),
                ('champion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('trained_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SplitArm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_version', models.PositiveIntegerField()),
                ('is_challenger', models.BooleanField()),
                ('probability', models.FloatField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='split_arms', to='cases.case')),
                ('split', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='arms', to='scoring.trafficsplit')),
            ],
        ),
        migrations.CreateModel(
            name='ModelStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('first', 'first in force'), ('propose', 'proposed'), ('return', 'returned'), ('approve', 'approved'), ('activate', 'put in force'), ('retire', 'retired'), ('roll_back', 'rolled back to'), ('lapse', 'approval lapsed'), ('start_shadow', 'shadow started'), ('stop_shadow', 'shadow stopped'), ('ask_split', 'traffic split asked for'), ('sign_split', 'traffic split signed'), ('stop_split', 'traffic split stopped'), ('rescore', 'waiting cases sent to be scored again')], max_length=16)),
                ('note', models.TextField(blank=True)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='model_steps', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='scoring.modelversion')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__in', ['first', 'propose', 'return', 'approve', 'activate', 'retire', 'roll_back', 'lapse', 'start_shadow', 'stop_shadow', 'ask_split', 'sign_split', 'stop_split', 'rescore'])), name='model_step_known'), models.CheckConstraint(condition=models.Q(models.Q(('name__in', ['roll_back', 'start_shadow', 'rescore']), _negated=True), models.Q(('actor__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='model_step_by_somebody_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=50)),
                ('comparison', models.JSONField()),
                ('comparison_sha256', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('note', models.TextField(blank=True, default='')),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('returned', 'Returned'), ('scheduled', 'Approved, to start'), ('promoted', 'Promoted'), ('lapsed', 'Lapsed')], default='proposed', max_length=10)),
                ('approved_at', models.DateTimeField(null=True)),
                ('starts_at', models.DateTimeField(null=True)),
                ('against', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='scoring.modelversion')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('trained_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(models.Q(('approved_by', models.F('proposed_by')), _negated=True), models.Q(('trained_by__isnull', True), models.Q(('approved_by', models.F('trained_by')), _negated=True), _connector='OR')), _connector='OR'), name='promotion_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True), ('starts_at__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='promotion_approved_whole'), models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('status', 'proposed')), models.Q(('approved_by__isnull', False), ('status__in', ['scheduled', 'promoted'])), ('status__in', ['returned', 'lapsed']), _connector='OR'), name='promotion_by_approval_only'), models.CheckConstraint(condition=models.Q(('comparison_sha256', ''), _negated=True), name='promotion_with_a_comparison'), models.CheckConstraint(condition=models.Q(('model', models.F('against')), _negated=True), name='promotion_of_another_model'), models.UniqueConstraint(condition=models.Q(('status__in', ['proposed', 'scheduled'])), fields=('product',), name='promotion_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='ShadowRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('reason', models.TextField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stop_reason', models.TextField(blank=True, default='')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadow_runs', to='scoring.modelversion')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('stopped_at__isnull', True)), fields=('model',), name='shadow_run_once_at_a_time'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='shadow_run_for_a_reason'), models.CheckConstraint(condition=models.Q(('stopped_at__isnull', True), models.Q(('stop_reason', ''), _negated=True), _connector='OR'), name='shadow_run_stops_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ShadowScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_version', models.PositiveIntegerField()),
                ('log_odds', models.FloatField()),
                ('pd', models.FloatField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadow_scores', to='cases.case')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadow_scores', to='scoring.modelversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('case', 'case_version', 'model'), name='shadow_score_once_a_case_version_and_model'), models.CheckConstraint(condition=models.Q(('pd__gt', 0), ('pd__lt', 1)), name='shadow_score_pd_is_a_probability')],
            },
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 0.5)), name='split_share_is_at_most_half'),
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.CheckConstraint(condition=models.Q(('challenger', models.F('champion')), _negated=True), name='split_between_two_models'),
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='split_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at__isnull', True), ('signed_by__isnull', True)), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), models.Q(('signed_by', models.F('asked_by')), _negated=True), models.Q(('trained_by__isnull', True), models.Q(('signed_by', models.F('trained_by')), _negated=True), _connector='OR')), _connector='OR'), name='split_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.CheckConstraint(condition=models.Q(('stopped_at__isnull', True), models.Q(('stop_reason', ''), _negated=True), _connector='OR'), name='split_stops_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='trafficsplit',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at__isnull', True)), fields=('product',), name='split_one_a_product'),
        ),
        migrations.AddConstraint(
            model_name='splitarm',
            constraint=models.UniqueConstraint(fields=('case', 'case_version'), name='split_arm_once_a_case_version'),
        ),
        migrations.AddConstraint(
            model_name='splitarm',
            constraint=models.CheckConstraint(condition=models.Q(('probability__gt', 0), ('probability__lte', 1)), name='split_arm_probability'),
        ),
    ]
