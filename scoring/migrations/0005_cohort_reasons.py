"""What sets a case apart from the loans just approved is kept with the assessment; NULL where it was made before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_applicant_reasons")]

    operations = [migrations.AddField("assessment", "cohort_reasons", models.JSONField(null=True))]
