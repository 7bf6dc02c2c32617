"""What was read of a database is read again from time to time; what is known of it is found by what its row is called."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Connectors from before have read everything since their source was opened, and each pull began no later than here.
READ_BEFORE = """
UPDATE intake_connector c SET read_since = s.created_at FROM intake_source s WHERE s.id = c.source_id;
UPDATE intake_pull p SET began = c.position FROM intake_connector c WHERE c.id = p.connector_id;
"""


class Migration(migrations.Migration):

    dependencies = [('intake', '0012_discarded_drafts')]

    operations = [
        migrations.AddField(
            model_name='connector',
            name='look_back',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='connector',
            name='looked_back_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='connector',
            name='read_since',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='pull',
            name='began',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='pull',
            name='late',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.batch'),
        ),
        migrations.AddField(
            model_name='pull',
            name='read_again',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='caseorigin',
            index=models.Index(condition=models.Q(('message', ''), _negated=True), fields=['message'], name='origin_by_message'),
        ),
        migrations.AddIndex(
            model_name='rejectedrow',
            index=models.Index(condition=models.Q(('message', ''), _negated=True), fields=['message'], name='rejected_by_message'),
        ),
        migrations.RunSQL(READ_BEFORE, migrations.RunSQL.noop),
    ]
