"""Names are compared in simplified signs and without accents, and those in Chinese signs may differ by one: the links
of all that were compared are looked for again."""

from django.db import migrations

AGAIN = """
INSERT INTO intake_applicanttolink (applicant_id) SELECT applicant_id FROM intake_linkkeys
ON CONFLICT (applicant_id) DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [('intake', '0030_numbers_of_cases')]

    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
