"""What an applicant may be told is kept with the assessment; NULL where it was made before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_explanations_and_cards")]

    operations = [migrations.AddField("assessment", "applicant_reasons", models.JSONField(null=True))]
