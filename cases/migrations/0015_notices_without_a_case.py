"""People are told of sources too, not only of cases."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('cases', '0014_conflicts_bar_judging')]

    operations = [
        migrations.AlterField(
            'Notification',
            'case',
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case'),
        ),
    ]
