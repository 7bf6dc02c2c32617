"""Training loans around a score through one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learning", "0003_held_out_scores")]

    operations = [
        migrations.AddIndex(
            "heldoutscore", models.Index(fields=["model", "log_odds"], name="held_out_score_by_odds")
        ),
    ]
