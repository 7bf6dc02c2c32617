"""The newest decisions of people through one index, for the draw of second looks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_lent_by_pd")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["decided_at"], condition=models.Q(decided_by="person"), name="case_decided_by_people"
            ),
        ),
    ]
