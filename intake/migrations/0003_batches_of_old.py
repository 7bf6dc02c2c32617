"""What was there moves over: mappings become versions, and messages that came before get one finished batch a token."""

from django.db import migrations

from cases.canonical import canonical_sha256

MESSAGES = """
INSERT INTO intake_batch (source_id, kind, name, sha256, mapping_name, mapping_content, token_id, started_at,
                          finished_at, rows, accepted, duplicates, rejected)
SELECT s.id, 'push', t.name, '', '', '{}', o.token_id, min(c.received_at), max(c.received_at),
       count(*), count(*), 0, 0
FROM intake_caseorigin o JOIN cases_case c ON c.id = o.case_id JOIN intake_source s ON s.slug = c.source
JOIN cases_apitoken t ON t.id = o.token_id
WHERE o.batch_id IS NULL GROUP BY s.id, t.name, o.token_id;

UPDATE intake_caseorigin o SET batch_id = b.id
FROM cases_case c, intake_source s, intake_batch b
WHERE o.batch_id IS NULL AND c.id = o.case_id AND s.slug = c.source AND b.source_id = s.id AND b.kind = 'push'
  AND b.token_id = o.token_id;

UPDATE intake_batch b SET held = (
    SELECT count(*) FROM intake_caseorigin o JOIN cases_caseevent e ON e.case_id = o.case_id AND e.name = 'hold'
    WHERE o.batch_id = b.id AND e.seq = 2);

INSERT INTO intake_sourcestep (source_id, name, reason, facts, at) SELECT id, 'opened', '', '{}', created_at FROM intake_source;
"""


def keep_mappings(apps, schema_editor):
    Batch, MappingVersion = apps.get_model('intake', 'Batch'), apps.get_model('intake', 'MappingVersion')
    for batch in Batch.objects.filter(kind='file').order_by('pk'):
        known = MappingVersion.objects.filter(source=batch.source)
        version, _created = MappingVersion.objects.get_or_create(
            source=batch.source,
            sha256=canonical_sha256(batch.mapping_content),
            defaults={
                'number': known.count() + 1,
                'name': batch.mapping_name,
                'content': batch.mapping_content,
                'created_at': batch.started_at,
            },
        )
        Batch.objects.filter(pk=batch.pk).update(mapping=version)


class Migration(migrations.Migration):

    dependencies = [('intake', '0002_sources')]

    operations = [
        migrations.RunPython(keep_mappings, migrations.RunPython.noop),
        migrations.RunSQL(MESSAGES, migrations.RunSQL.noop),
    ]
