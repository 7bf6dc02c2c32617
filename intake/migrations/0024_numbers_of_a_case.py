"""Which of its applicant's numbers came with a case."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('intake', '0023_size_of_incoming_files')]

    operations = [
        migrations.AddField(
            model_name='caseorigin',
            name='numbers',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
    ]
