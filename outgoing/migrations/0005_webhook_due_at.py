"""Until when a receiver that did not answer is left alone: one row to write instead of all that waits for it."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outgoing', '0004_waiting_by_webhook'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhook',
            name='due_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
