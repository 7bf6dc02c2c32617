"""Firms are compared without legal forms in brackets: the links of all that were compared are looked for again."""

from django.db import migrations

AGAIN = """
INSERT INTO intake_applicanttolink (applicant_id) SELECT applicant_id FROM intake_linkkeys
ON CONFLICT (applicant_id) DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [('intake', '0032_references_in_plain_form')]

    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
