"""Breakers: nobody closes one alone, none is closed without having been half open, and what happened stays told."""

from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import scoring.breaker_models
from django.conf import settings
from django.db import migrations, models


keep = import_module("cases.migrations.0002_guards").keep

# Opening is the machine's, closing takes two persons: so the only ways are these, and a closed one never changes.
LIFE = """
CREATE FUNCTION guard_breaker_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' OR NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[
        'open>open', 'open>half_open', 'half_open>half_open', 'half_open>open', 'half_open>closed'
    ]) THEN
        RAISE EXCEPTION 'breaker %: no step leads from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.model_id, OLD.segment, OLD.opened_at, OLD.since, OLD.first_case) IS DISTINCT FROM
       (NEW.model_id, NEW.segment, NEW.opened_at, NEW.since, NEW.first_case)
       OR OLD.state = 'half_open' AND NEW.state <> 'open' AND (OLD.asked_by_id, OLD.asked_at, OLD.reason) IS DISTINCT FROM
          (NEW.asked_by_id, NEW.asked_at, NEW.reason) THEN
        RAISE EXCEPTION 'breaker %: what was told of it stays', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER breaker_life BEFORE UPDATE ON scoring_breaker FOR EACH ROW EXECUTE FUNCTION guard_breaker_life();
CREATE TRIGGER breaker_is_kept BEFORE DELETE ON scoring_breaker FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION guard_breaker_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a breaker is born open' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER breaker_birth BEFORE INSERT ON scoring_breaker FOR EACH ROW
    WHEN (NEW.state <> 'open') EXECUTE FUNCTION guard_breaker_birth();
"""
UNDO_LIFE = """
DROP TRIGGER breaker_birth ON scoring_breaker;
DROP FUNCTION guard_breaker_birth();
DROP TRIGGER breaker_is_kept ON scoring_breaker;
DROP TRIGGER breaker_life ON scoring_breaker;
DROP FUNCTION guard_breaker_life();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0007_promotion_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BreakerRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=True, verbose_name='breakers work')),
                ('opens_on', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('range', 'values outside their usual range, or noughts'), ('missing', 'missing values'), ('distribution', 'a feature distributed otherwise'), ('windows', 'a red drift alarm of a whole window'), ('score', 'a jump of the scores'), ('approvals', 'a jump of the approval rate'), ('calibration', 'more bads than the PDs foretell'), ('overrides', 'a jump of the override rate'), ('errors', 'values that cannot be read, explanations that do not add up')], max_length=12), default=scoring.breaker_models.usual_signs, size=None, verbose_name='what opens one')),
                ('dimensions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=scoring.breaker_models.usual_dimensions, size=None, verbose_name='segments are cut by')),
                ('false_alarm_chance', models.FloatField(default=0.01, verbose_name='chance of a false alarm')),
                ('within_cases', models.PositiveIntegerField(default=10000, verbose_name='within so many cases')),
                ('allowance', models.FloatField(default=0.05, verbose_name='shift that is not worth an alarm (nats a case)')),
                ('own_cases', models.PositiveIntegerField(default=300, verbose_name="cases that make a segment's own reference")),
                ('when_open', models.CharField(choices=[('people', 'people decide every case'), ('last_good', 'the champion before it scores and decides')], default='people', max_length=10, verbose_name='while one is open')),
                ('dwell_minutes', models.PositiveIntegerField(default=30, verbose_name='minutes it stays open at the least')),
                ('trial_cases', models.PositiveIntegerField(default=20, verbose_name='cases without a sign before it closes')),
                ('reason', models.TextField(blank=True)),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Breaker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('segment', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(choices=[('open', 'Open'), ('half_open', 'Half open'), ('closed', 'Closed')], default='open', max_length=10)),
                ('signs', models.JSONField()),
                ('since', models.DateTimeField()),
                ('first_case', models.BigIntegerField(default=0)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('held', models.PositiveIntegerField(default=0)),
                ('trial_seen', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breakers', to='scoring.modelversion')),
                ('rules', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.breakerrules')),
            ],
        ),
        migrations.CreateModel(
            name='BreakerStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('open', 'opened'), ('ask', 'closing asked for: half open'), ('refuse', 'closing refused: open again'), ('relapse', 'signs again while half open: open again'), ('close', 'closed'), ('pull_back', 'decisions asked back for review'), ('answer', 'decisions opened again')], max_length=10)),
                ('note', models.TextField(blank=True)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('breaker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='scoring.breaker')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ModelReference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('held_out', 'loans held out in its training'), ('first_cases', 'the first cases it scored')], max_length=12)),
                ('rows', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reference', to='scoring.modelversion')),
            ],
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('segment', models.CharField(blank=True, max_length=120)),
                ('cases', models.PositiveIntegerField(default=0)),
                ('own', models.JSONField(default=list)),
                ('approvals', models.JSONField(default=dict)),
                ('evidence', models.JSONField(default=dict)),
                ('last_at', models.DateTimeField(null=True)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='streams', to='scoring.modelversion')),
            ],
        ),
        migrations.AddConstraint(
            model_name='breakerrules',
            constraint=models.CheckConstraint(condition=models.Q(('allowance__gte', 0), ('false_alarm_chance__gt', 0), ('false_alarm_chance__lt', 1), ('within_cases__gt', 0)), name='breaker_rules_fit'),
        ),
        migrations.AddConstraint(
            model_name='breaker',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('model', 'segment'), name='breaker_one_open_a_segment'),
        ),
        migrations.AddConstraint(
            model_name='breaker',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked_at__isnull', True), ('asked_by__isnull', True), ('closed_by__isnull', True), ('state', 'open'), ('closed_at__isnull', True), ('reason', '')), models.Q(('asked_at__isnull', False), ('asked_by__isnull', False), ('closed_by__isnull', True), ('state', 'half_open'), ('closed_at__isnull', True), models.Q(('reason', ''), _negated=True)), models.Q(('asked_at__isnull', False), ('asked_by__isnull', False), ('closed_by__isnull', False), ('state', 'closed'), ('closed_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='breaker_state_is_told'),
        ),
        migrations.AddConstraint(
            model_name='breaker',
            constraint=models.CheckConstraint(condition=models.Q(('closed_by__isnull', True), models.Q(('closed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='breaker_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='modelreference',
            constraint=models.CheckConstraint(condition=models.Q(('rows__gt', 0)), name='model_reference_has_rows'),
        ),
        migrations.AddConstraint(
            model_name='stream',
            constraint=models.UniqueConstraint(fields=('model', 'segment'), name='stream_once_a_model_and_segment'),
        ),
        keep("scoring_breakerstep"),
        keep("scoring_breakerrules"),
        keep("scoring_modelreference"),
        migrations.RunSQL(LIFE, UNDO_LIFE),
    ]
