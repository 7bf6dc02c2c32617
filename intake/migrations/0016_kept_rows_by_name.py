"""Kept rows are found by their names, so that a look-back leaves alone what it knows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0015_rows_as_messages'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='referencerow',
            index=models.Index(condition=models.Q(('message', ''), _negated=True), fields=['message'], name='reference_row_by_message'),
        ),
    ]
