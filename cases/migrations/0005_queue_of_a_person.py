"""The queue of one person through one index, as the queue of all is read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_two_signatures")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["assigned_to", "queue_tier", "queue_rank", "id"],
                condition=models.Q(state="queued", assigned_to__isnull=False),
                name="case_queue_of_a_person",
            ),
        ),
    ]
