"""Sources as records, and batches where there were only files: the shape. What is there moves over in 0003."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
NOW = django.db.models.functions.datetime.Now()
KINDS = [('file', 'File'), ('push', 'Messages')]


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0011_queue_of_a_million'),
        ('intake', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint('CaseOrigin', 'origin_file_and_row_or_message'),
        migrations.RenameModel('ImportFile', 'Batch'),
        migrations.RenameField('Batch', 'file_name', 'name'),
        migrations.RenameField('Batch', 'mapping', 'mapping_content'),
        migrations.RemoveIndex('RejectedRow', 'rejected_by_file_and_row'),
        migrations.RenameField('CaseOrigin', 'import_file', 'batch'),
        migrations.RenameField('RejectedRow', 'import_file', 'batch'),
        migrations.AddIndex('RejectedRow', models.Index(fields=['batch', 'row_number'], name='rejected_by_batch_and_row')),
        migrations.AddField('Source', 'title', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='name')),
        migrations.AddField('Source', 'kind', models.CharField(choices=KINDS, db_default='file', default='file', max_length=8, verbose_name='kind')),
        migrations.AddField('Source', 'owner', models.ForeignKey(null=True, on_delete=PROTECT, related_name='sources', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
        migrations.AddField('Source', 'every_hours', models.PositiveIntegerField(null=True, verbose_name='something arrives every (hours)')),
        migrations.AddField('Source', 'promise_hours', models.PositiveIntegerField(null=True, verbose_name='a case is at most so old when it arrives (hours)')),
        migrations.AddField('Source', 'trust', models.CharField(choices=[('full', 'Full'), ('limited', 'Limited: what the rules would only mark is held for a person'), ('none', 'None: every case waits for a person')], db_default='full', default='full', max_length=8, verbose_name='trust')),
        migrations.AddField('Source', 'state', models.CharField(choices=[('healthy', 'Healthy'), ('quarantined', 'Quarantined')], db_default='healthy', default='healthy', max_length=12)),
        migrations.AddField('Source', 'bad_since', models.DateTimeField(null=True)),
        migrations.CreateModel(
            name='SourceStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('opened', 'Opened'), ('changed', 'Changed'), ('quarantined', 'Quarantined'), ('released', 'Released')], max_length=12)),
                ('reason', models.TextField(blank=True, default='')),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=NOW)),
                ('actor', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=PROTECT, related_name='steps', to='intake.source')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['source', '-id'], name='step_of_a_source')],
                'constraints': [models.CheckConstraint(condition=models.Q(name__in=['opened', 'quarantined']) | models.Q(name__in=['changed', 'released'], actor__isnull=False) & ~models.Q(reason=''), name='source_step_by_a_person_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='MappingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.JSONField()),
                ('created_at', models.DateTimeField(db_default=NOW)),
                ('source', models.ForeignKey(on_delete=PROTECT, related_name='mappings', to='intake.source')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'number'), name='mapping_number_once_a_source'),
                    models.UniqueConstraint(fields=('source', 'sha256'), name='mapping_content_once_a_source'),
                ],
            },
        ),
        migrations.AddField('Batch', 'kind', models.CharField(choices=KINDS, db_default='file', default='file', max_length=8)),
        migrations.AddField('Batch', 'mapping', models.ForeignKey(null=True, on_delete=PROTECT, related_name='batches', to='intake.mappingversion')),
        migrations.AddField('Batch', 'token', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to='cases.apitoken')),
        migrations.AddField('Batch', 'held', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField('Batch', 'marked', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AlterField('Batch', 'source', models.ForeignKey(on_delete=PROTECT, related_name='batches', to='intake.source')),
        migrations.AlterField('Batch', 'sha256', models.CharField(blank=True, default='', max_length=64)),
        migrations.AlterField('Batch', 'mapping_content', models.JSONField(default=dict)),
        migrations.AlterField('Batch', 'mapping_name', models.CharField(default='', max_length=255)),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted', models.PositiveIntegerField(default=0)),
                ('duplicates', models.PositiveIntegerField(default=0)),
                ('rejected', models.PositiveIntegerField(default=0)),
                ('held', models.PositiveIntegerField(default=0)),
                ('marked', models.PositiveIntegerField(default=0)),
                ('batch', models.ForeignKey(on_delete=PROTECT, related_name='tallies', to='intake.batch')),
            ],
        ),
    ]
