"""What a source usually looks like, what each batch looked like, and which cases each request added."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('intake', '0004_sources_guards')]

    operations = [
        migrations.AddField('Source', 'reference', models.JSONField(db_default={}, default=dict)),
        migrations.AddField('Batch', 'profile', models.JSONField(db_default={}, default=dict)),
        migrations.AddField('Batch', 'measures', models.JSONField(db_default={}, default=dict)),
        migrations.AddField('Batch', 'signs', models.JSONField(db_default=[], default=list)),
        migrations.AddField('Tally', 'case_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
    ]
