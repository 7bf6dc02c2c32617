"""Once the views for other programs; they are made where what they show was last changed, in `0006_office_days.py`.

A migration that changes the type of a column they show drops them first and makes them again. Whoever changes
`outgoing/reporting.py` adds a migration that makes them anew behind the newest of the other folders, and lets the last
such one make nothing: two ways to one state, never two states."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0017_reopened_by_others"),
        ("routing", "0006_duty"),
        ("scoring", "0008_breakers"),
        ("learning", "0007_monitoring"),
    ]

    operations = []
