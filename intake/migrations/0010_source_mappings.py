"""Mappings that people draft, propose and sign, and rows that are kept for other sources to join."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep

GUARDS = """
CREATE FUNCTION guard_source_mapping() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version of a mapping is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.source_id <> OLD.source_id OR NEW.number <> OLD.number OR NEW.drafted_by_id <> OLD.drafted_by_id THEN
        RAISE EXCEPTION 'mapping %: whose it is does not change', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> 'draft' AND (NEW.content <> OLD.content OR NEW.sha256 <> OLD.sha256) THEN
        RAISE EXCEPTION 'mapping % was proposed as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> NEW.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'draft>proposed', 'proposed>draft', 'proposed>in_force', 'in_force>retired', 'retired>in_force'
    ]) THEN
        RAISE EXCEPTION 'mapping %: no step leads from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status IN ('proposed', 'in_force', 'retired') AND NEW.status <> 'draft'
        AND (NEW.comparison <> OLD.comparison OR NEW.comparison_sha256 <> OLD.comparison_sha256) THEN
        RAISE EXCEPTION 'mapping %: what it changes was frozen with the proposal', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.signed_by_id IS DISTINCT FROM OLD.signed_by_id AND NEW.signed_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM intake_mappingstep WHERE mapping_id = NEW.id AND actor_id = NEW.signed_by_id
        AND name IN ('draft', 'edit', 'propose')
    ) THEN
        RAISE EXCEPTION 'mapping %: signed by somebody who made it', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER intake_sourcemapping_guarded BEFORE UPDATE OR DELETE ON intake_sourcemapping
    FOR EACH ROW EXECUTE FUNCTION guard_source_mapping();
"""
WITHOUT_GUARDS = "DROP TRIGGER intake_sourcemapping_guarded ON intake_sourcemapping; DROP FUNCTION guard_source_mapping();"


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_reopened_by_others'),
        ('intake', '0009_applicants_that_are_one'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferenceRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.PositiveIntegerField()),
                ('key', models.CharField(max_length=200)),
                ('as_of', models.DateTimeField()),
                ('row_hash', models.CharField(max_length=64)),
                ('cells', models.JSONField()),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept_rows', to='intake.batch')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept_rows', to='intake.source')),
            ],
        ),
        migrations.CreateModel(
            name='CaseJoin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='joins', to='cases.case')),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.referencerow')),
            ],
        ),
        migrations.CreateModel(
            name='SourceMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('in_force', 'In force'), ('retired', 'Retired')], default='draft', max_length=10)),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('sample', models.JSONField(default=dict)),
                ('recognised', models.JSONField(default=dict)),
                ('drafted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('proposed_at', models.DateTimeField(null=True)),
                ('comparison', models.JSONField(null=True)),
                ('comparison_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('signed_at', models.DateTimeField(null=True)),
                ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signed_mappings', to='intake.source')),
            ],
        ),
        migrations.CreateModel(
            name='MappingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('draft', 'Drafted'), ('edit', 'Edited'), ('propose', 'Proposed'), ('return', 'Sent back'), ('sign', 'Signed'), ('roll_back', 'Put back in force')], max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='intake.sourcemapping')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='referencerow',
            index=models.Index(fields=['source', 'key', '-as_of', '-id'], name='reference_row_latest_of_a_key'),
        ),
        migrations.AddIndex(
            model_name='referencerow',
            index=models.Index(fields=['source', '-id'], name='reference_row_newest'),
        ),
        migrations.AddConstraint(
            model_name='referencerow',
            constraint=models.UniqueConstraint(fields=('source', 'row_hash'), name='reference_row_once_a_source'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.UniqueConstraint(fields=('source', 'number'), name='source_mapping_number_once'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'in_force')), fields=('source',), name='source_mapping_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('comparison__isnull', True), ('comparison_sha256', ''), ('proposed_by', None), ('signed_by', None), ('status', 'draft')), models.Q(('comparison__isnull', False), ('proposed_by__isnull', False), ('signed_by', None), ('status', 'proposed'), models.Q(('comparison_sha256', ''), _negated=True)), models.Q(('proposed_by__isnull', False), ('signed_by__isnull', False), ('status__in', ['in_force', 'retired']), models.Q(('comparison_sha256', ''), _negated=True)), _connector='OR'), name='source_mapping_proposed_then_signed'),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by', None), models.Q(models.Q(('signed_by', models.F('drafted_by')), _negated=True), models.Q(('signed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='source_mapping_signed_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='mappingstep',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['draft', 'edit']), models.Q(('reason', ''), _negated=True), _connector='OR'), name='mapping_step_has_a_reason'),
        ),
        migrations.RunSQL(GUARDS, WITHOUT_GUARDS),
        keep("intake_mappingstep"),
        keep("intake_referencerow"),
        keep("intake_casejoin"),
    ]
