"""A source is known by its name whatever its capitals, and a batch by how far it has come."""

import django.db.models.functions
from django.db import migrations, models
from django.db.models import Q

# Of before two may stand whose names differ in capitals alone: both stay, and the older one is meant by any other
# spelling.
MARK = """
    UPDATE intake_source s SET spelt_as_another = true
    WHERE EXISTS (SELECT FROM intake_source o WHERE lower(o.slug) = lower(s.slug) AND o.id < s.id)
"""


class Migration(migrations.Migration):

    dependencies = [('intake', '0026_first_rows_of_batches')]

    operations = [
        migrations.AddField('Batch', 'moved_at', models.DateTimeField(null=True)),
        migrations.AddField('Batch', 'rows_expected', models.PositiveIntegerField(null=True)),
        migrations.AddField('Source', 'spelt_as_another', models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.AddConstraint(
            'Source',
            models.UniqueConstraint(
                django.db.models.functions.Lower('slug'),
                condition=Q(spelt_as_another=False),
                name='source_once_whatever_capitals',
            ),
        ),
    ]
