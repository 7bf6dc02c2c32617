"""What was written stays: the database refuses to change or delete these rows."""

from importlib import import_module

from django.db import migrations

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("cases", "0002_guards")]

    operations = [keep("scoring_assessment")]
