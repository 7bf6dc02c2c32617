"""The first rows of each file and pull, so that another mapping can be compared on them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('intake', '0025_refused_rows')]

    operations = [
        migrations.CreateModel(
            name='FirstRows',
            fields=[
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='first_rows', serialize=False, to='intake.batch')),
                ('count', models.PositiveIntegerField()),
                ('sample', models.JSONField()),
            ],
        ),
    ]
