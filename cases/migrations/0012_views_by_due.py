"""The views of a reason by what is due first, and how often each reason is: without it the planner takes all for rare."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_queue_of_a_million")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                django.db.models.fields.json.KeyTextTransform(
                    "code", django.db.models.fields.json.KeyTextTransform("0", "why")
                ),
                models.F("due_at"),
                models.F("id"),
                condition=models.Q(state="queued"),
                name="case_queue_by_why_and_due",
            ),
        ),
        migrations.RunSQL(
            "CREATE STATISTICS case_first_why ON (why #>> '{0,code}') FROM cases_case",
            "DROP STATISTICS case_first_why",
        ),
    ]
