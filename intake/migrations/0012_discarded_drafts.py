"""Drafts of a mapping can be discarded; and a reader that dies of a topic's messages is counted with their partition."""

from django.db import migrations, models

GUARD = """
CREATE OR REPLACE FUNCTION guard_source_mapping() RETURNS trigger LANGUAGE plpgsql AS $$
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
        'draft>discarded', 'draft>proposed', 'proposed>draft', 'proposed>in_force', 'in_force>retired', 'retired>in_force'
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
"""
GUARD_BEFORE = GUARD.replace("'draft>discarded', ", "")


class Migration(migrations.Migration):

    dependencies = [('intake', '0011_link_keys_by_parts')]

    operations = [
        migrations.RemoveConstraint(
            model_name='sourcemapping',
            name='source_mapping_proposed_then_signed',
        ),
        migrations.AddField(
            model_name='offset',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='mappingstep',
            name='name',
            field=models.CharField(choices=[('draft', 'Drafted'), ('edit', 'Edited'), ('propose', 'Proposed'), ('return', 'Sent back'), ('sign', 'Signed'), ('roll_back', 'Put back in force'), ('discard', 'Discarded')], max_length=10),
        ),
        migrations.AlterField(
            model_name='sourcemapping',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Proposed'), ('in_force', 'In force'), ('retired', 'Retired'), ('discarded', 'Discarded')], default='draft', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='sourcemapping',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('comparison__isnull', True), ('comparison_sha256', ''), ('proposed_by', None), ('signed_by', None), ('status__in', ['draft', 'discarded'])), models.Q(('comparison__isnull', False), ('proposed_by__isnull', False), ('signed_by', None), ('status', 'proposed'), models.Q(('comparison_sha256', ''), _negated=True)), models.Q(('proposed_by__isnull', False), ('signed_by__isnull', False), ('status__in', ['in_force', 'retired']), models.Q(('comparison_sha256', ''), _negated=True)), _connector='OR'), name='source_mapping_proposed_then_signed'),
        ),
        migrations.RunSQL(GUARD, GUARD_BEFORE),
    ]
