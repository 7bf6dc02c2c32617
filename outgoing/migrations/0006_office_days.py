"""The views for other programs, in a schema of their own; days and quarters are those of the office clock.

Views that are there are replaced and not dropped, so that programs keep the right to read them."""

from django.db import migrations

from outgoing.reporting import SCHEMA, VIEWS

SQL = "\n".join([f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};", *(view.sql for view in VIEWS)])


class Migration(migrations.Migration):
    dependencies = [
        ("outgoing", "0005_webhook_due_at"),
        ("cases", "0019_first_event"),
        ("routing", "0006_duty"),
        ("scoring", "0010_open_cases_said"),
        ("learning", "0009_trainings_and_same_loans"),
    ]

    operations = [migrations.RunSQL(SQL, f"DROP SCHEMA {SCHEMA} CASCADE")]
