"""The queue by what is due first, through one index, as the queue by place is read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_decided_by_people")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(fields=["due_at", "id"], condition=models.Q(state="queued"), name="case_queue_by_due"),
        ),
    ]
