"""The views for other programs, in a schema of their own. A migration that changes the type of a column they show drops
them first and makes them again. Whoever changes `outgoing/reporting.py` adds a migration that drops the schema and makes
it anew behind the newest of the other folders, and lets this one make nothing: two ways to one state, never two states."""

from django.db import migrations

from outgoing.reporting import SCHEMA, VIEWS

SQL = "\n".join([f"CREATE SCHEMA {SCHEMA};", *(view.sql for view in VIEWS)])


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0017_reopened_by_others"),
        ("routing", "0006_duty"),
        ("scoring", "0008_breakers"),
        ("learning", "0007_monitoring"),
    ]

    operations = [migrations.RunSQL(SQL, f"DROP SCHEMA {SCHEMA} CASCADE")]
