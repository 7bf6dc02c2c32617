"""Whose first cases taught what share of a product is usually approved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_breakers")]

    operations = [
        migrations.AddField(model_name="stream", name="taught_by", field=models.JSONField(db_default=[], default=list)),
    ]
