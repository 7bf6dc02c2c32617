"""The numbers by which a case is found beside its reference."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.mapped.left_out import reference_digest

CASES_AT_ONCE = 10_000


def keep_numbers_of_before(apps, schema_editor):
    """The cases on record are found by what was kept of their rows, and by their references without the zeros."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_casenumber (digest, case_id) "
            "SELECT DISTINCT unnest(left_out), case_id FROM intake_caseorigin WHERE left_out <> '{}'"
        )
    cases = apps.get_model("cases", "Case").objects.filter(external_ref__regex="^0[0-9]+$")
    numbers = apps.get_model("intake", "CaseNumber").objects
    found = []
    for key, reference in cases.values_list("pk", "external_ref").iterator():
        found.append(numbers.model(digest=reference_digest(settings.SECRET_KEY, reference), case_id=key))
        if len(found) >= CASES_AT_ONCE:
            numbers.bulk_create(found, ignore_conflicts=True)
            found = []
    numbers.bulk_create(found, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0019_first_event'),
        ('intake', '0029_what_was_left_out'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseNumber',
            fields=[
                ('pk', models.CompositePrimaryKey('digest', 'case', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BigIntegerField()),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
            ],
        ),
        migrations.RunPython(keep_numbers_of_before, migrations.RunPython.noop),
    ]
