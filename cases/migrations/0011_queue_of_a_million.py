"""What the queue of a million needs to find few cases fast: by reason, product, region, reference and name."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
import django.db.models.fields.json
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_queue_by_due'),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name='applicant',
            index=models.Index(django.db.models.functions.text.Upper('external_id'), name='applicant_by_external_id'),
        ),
        migrations.AddIndex(
            model_name='applicant',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='gin_trgm_ops'), name='applicant_by_part_of_name'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('code', django.db.models.fields.json.KeyTextTransform('0', 'why')), models.F('queue_tier'), models.F('queue_rank'), models.F('id'), condition=models.Q(('state', 'queued')), name='case_queue_by_first_why'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['product', 'queue_tier', 'queue_rank', 'id'], name='case_queue_by_product'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['region', 'queue_tier', 'queue_rank', 'id'], name='case_queue_by_region'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('snoozed_until__isnull', False)), fields=['snoozed_until'], name='case_resting'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(django.db.models.functions.text.Upper('external_ref'), name='case_by_external_ref'),
        ),
    ]
