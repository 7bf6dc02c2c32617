"""What sources and batches must fulfil, and the histories of both that are never changed."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep
Q, F = models.Q, models.F
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):

    dependencies = [('intake', '0003_batches_of_old')]

    operations = [
        migrations.RemoveField('Batch', 'mapping_content'),
        migrations.RemoveField('Batch', 'mapping_name'),
        migrations.RemoveField('CaseOrigin', 'token'),
        migrations.AlterField('CaseOrigin', 'batch', models.ForeignKey(on_delete=PROTECT, related_name='origins', to='intake.batch')),
        migrations.AddConstraint('Source', models.CheckConstraint(condition=Q(kind__in=['file', 'push']), name='source_kind_known')),
        migrations.AddConstraint('Source', models.CheckConstraint(condition=Q(trust__in=['full', 'limited', 'none']), name='source_trust_known')),
        migrations.AddConstraint('Source', models.CheckConstraint(condition=Q(('bad_since__isnull', True), ('state', 'healthy')) | Q(('bad_since__isnull', False), ('state', 'quarantined')), name='source_quarantined_since_a_first_sign')),
        migrations.AddConstraint('Source', models.CheckConstraint(condition=Q(every_hours__isnull=True) | Q(every_hours__gt=0), name='source_schedule_positive')),
        migrations.AddConstraint('Source', models.CheckConstraint(condition=Q(promise_hours__isnull=True) | Q(promise_hours__gt=0), name='source_promise_positive')),
        migrations.AddConstraint('Batch', models.CheckConstraint(condition=Q(held__lte=F('accepted'), marked__lte=F('accepted')), name='batch_held_among_the_accepted')),
        migrations.AddConstraint('Batch', models.CheckConstraint(condition=~Q(sha256='') & Q(('kind', 'file'), ('mapping__isnull', False), ('token__isnull', True)) | Q(('kind', 'push'), ('mapping__isnull', True), ('sha256', ''), ('token__isnull', False)), name='batch_of_a_file_or_of_a_token')),
        migrations.AddConstraint('Batch', models.UniqueConstraint(condition=Q(kind='file'), fields=('source', 'sha256', 'mapping'), name='batch_once_a_file')),
        migrations.AddConstraint('Batch', models.UniqueConstraint(condition=Q(('finished_at__isnull', True), ('kind', 'push')), fields=('source', 'token'), name='batch_one_open_a_token')),
        migrations.AddIndex('Batch', models.Index(fields=['source', '-id'], name='batch_of_a_source')),
        keep("intake_sourcestep"),
        keep("intake_mappingversion"),
    ]
