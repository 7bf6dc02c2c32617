"""How many rows of a source are refused, which of them are news, and what share of them is usual."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [('intake', '0024_numbers_of_a_case')]

    operations = [
        migrations.AddField(
            model_name='rejectedrow',
            name='known_as',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddIndex(
            model_name='rejectedrow',
            index=models.Index(
                condition=~Q(known_as=''), fields=['known_as'], name='rejected_by_what_tells_it'
            ),
        ),
        migrations.AddField(
            model_name='source', name='usual_refusals', field=models.JSONField(db_default={}, default=dict)
        ),
        migrations.AddField(
            model_name='tally', name='refused', field=models.PositiveIntegerField(db_default=0, default=0)
        ),
    ]
