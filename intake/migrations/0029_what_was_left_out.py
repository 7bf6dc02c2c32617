"""What stood in the columns of a case's row that its mapping left out."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('intake', '0028_looks_at_readings')]

    operations = [
        migrations.AddField(
            model_name='caseorigin',
            name='left_out',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None),
        ),
    ]
