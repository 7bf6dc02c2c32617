"""The cases on record are found by the plain form of their references, too, where these are written in another way."""

from django.conf import settings
from django.db import migrations

from intake.mapped.left_out import plain_reference, reference_digest

CASES_AT_ONCE = 10_000


def keep_plain_forms(apps, schema_editor):
    # A reference of these signs is in its plain form; zeros before a number were told before.
    cases = apps.get_model("cases", "Case").objects.exclude(external_ref__regex="^[0-9A-Z._/-]*$")
    numbers = apps.get_model("intake", "CaseNumber").objects
    found = []
    for key, reference in cases.values_list("pk", "external_ref").iterator():
        if reference != plain_reference(reference):
            found.append(numbers.model(digest=reference_digest(settings.SECRET_KEY, reference), case_id=key))
        if len(found) == CASES_AT_ONCE:
            numbers.bulk_create(found, ignore_conflicts=True)
            found = []
    numbers.bulk_create(found, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0019_first_event'),
        ('intake', '0031_names_in_one_form'),
    ]

    operations = [migrations.RunPython(keep_plain_forms, migrations.RunPython.noop)]
