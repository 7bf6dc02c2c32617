"""Applicants are also compared by their numbers without zeros: the links of those whose number is one are looked for."""

from django.db import migrations

AGAIN = """
INSERT INTO intake_applicanttolink (applicant_id)
SELECT keys.applicant_id FROM intake_linkkeys AS keys JOIN cases_applicant AS each ON each.id = keys.applicant_id
WHERE each.external_id ~ '^[0-9]+$'
ON CONFLICT (applicant_id) DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [('intake', '0034_dashes_of_references')]

    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
