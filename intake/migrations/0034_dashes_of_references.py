"""The cases on record are found by their references with any other dash, too."""

from django.conf import settings
from django.db import migrations

from intake.mapped.left_out import reference_digest

CASES_AT_ONCE = 10_000


def keep_plain_forms(apps, schema_editor):
    cases = apps.get_model("cases", "Case").objects.filter(external_ref__regex="[‐‑‒–—―−﹘﹣]")
    numbers = apps.get_model("intake", "CaseNumber").objects
    found = []
    for key, reference in cases.values_list("pk", "external_ref").iterator():
        found.append(numbers.model(digest=reference_digest(settings.SECRET_KEY, reference), case_id=key))
        if len(found) == CASES_AT_ONCE:
            numbers.bulk_create(found, ignore_conflicts=True)
            found = []
    numbers.bulk_create(found, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [("intake", "0033_forms_in_brackets")]

    operations = [migrations.RunPython(keep_plain_forms, migrations.RunPython.noop)]
