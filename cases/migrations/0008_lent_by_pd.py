"""Loans around a PD through one index: what became of loans like this one is asked on the page of a case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_review_desk_guards")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["product", "pd"], condition=models.Q(outcome="approve"), name="case_lent_by_pd"
            ),
        ),
    ]
