"""Rows that came as messages are kept for others with their names, and which features a message took from one."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0014_kept_messages'),
    ]

    operations = [
        migrations.AddField(
            model_name='casejoin',
            name='features',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='referencerow',
            name='message',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='referencerow',
            name='version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
