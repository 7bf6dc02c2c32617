"""Sources that are read from databases, streams and topics."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_reopened_by_others'),
        ('intake', '0007_incoming_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Connector',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('file', 'File'), ('push', 'Messages'), ('sql', 'Database'), ('redis', 'Redis stream'), ('kafka', 'Kafka topic')], max_length=8)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused')], default='active', max_length=8)),
                ('address', models.TextField()),
                ('settings', models.JSONField(default=dict)),
                ('position', models.JSONField(null=True)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('problem', models.JSONField(default=dict)),
                ('problem_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Offset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=249)),
                ('partition', models.PositiveIntegerField()),
                ('next', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Pull',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('problem', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='TakenMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.CharField(max_length=100)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_of_a_file_or_of_a_token',
        ),
        migrations.RemoveConstraint(
            model_name='source',
            name='source_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='sourcestep',
            name='source_step_by_a_person_has_a_reason',
        ),
        migrations.AddField(
            model_name='caseorigin',
            name='message',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='rejectedrow',
            name='message',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AlterField(
            model_name='batch',
            name='kind',
            field=models.CharField(choices=[('file', 'File'), ('push', 'Messages'), ('sql', 'Database'), ('redis', 'Redis stream'), ('kafka', 'Kafka topic')], db_default='file', default='file', max_length=8),
        ),
        migrations.AlterField(
            model_name='source',
            name='kind',
            field=models.CharField(choices=[('file', 'File'), ('push', 'Messages'), ('sql', 'Database'), ('redis', 'Redis stream'), ('kafka', 'Kafka topic')], db_default='file', default='file', max_length=8, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='sourcestep',
            name='name',
            field=models.CharField(choices=[('opened', 'Opened'), ('changed', 'Changed'), ('quarantined', 'Quarantined'), ('released', 'Released'), ('connected', 'Connection set'), ('paused', 'Connection paused'), ('resumed', 'Connection resumed')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('sha256', ''), _negated=True), ('kind', 'file'), ('mapping__isnull', False), ('token__isnull', True)), models.Q(('kind', 'push'), ('mapping__isnull', True), ('sha256', ''), ('token__isnull', False)), models.Q(('kind', 'sql'), ('mapping__isnull', False), ('sha256', ''), ('token__isnull', True)), models.Q(('kind__in', ['redis', 'kafka']), ('mapping__isnull', True), ('sha256', ''), ('token__isnull', True)), _connector='OR'), name='batch_of_a_known_way'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True), ('kind__in', ['redis', 'kafka'])), fields=('source', 'kind'), name='batch_one_open_a_stream'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['file', 'push', 'sql', 'redis', 'kafka'])), name='source_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='sourcestep',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['opened', 'quarantined']), models.Q(('actor__isnull', False), ('name__in', ['changed', 'released', 'connected', 'paused', 'resumed']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='source_step_by_a_person_has_a_reason'),
        ),
        migrations.AddField(
            model_name='connector',
            name='mapping',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.mappingversion'),
        ),
        migrations.AddField(
            model_name='connector',
            name='source',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='connector', to='intake.source'),
        ),
        migrations.AddField(
            model_name='offset',
            name='connector',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offsets', to='intake.connector'),
        ),
        migrations.AddField(
            model_name='pull',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pull',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.batch'),
        ),
        migrations.AddField(
            model_name='pull',
            name='connector',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pulls', to='intake.connector'),
        ),
        migrations.AddField(
            model_name='takenmessage',
            name='connector',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='intake.connector'),
        ),
        migrations.AddConstraint(
            model_name='connector',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['sql', 'redis', 'kafka'])), name='connector_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='connector',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused'])), name='connector_state_known'),
        ),
        migrations.AddConstraint(
            model_name='connector',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('problem', {}), ('problem_at__isnull', True)), models.Q(models.Q(('problem', {}), _negated=True), ('problem_at__isnull', False)), _connector='OR'), name='connector_problem_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='connector',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'sql'), models.Q(('mapping__isnull', True), ('position__isnull', True)), _connector='OR'), name='connector_position_of_a_database'),
        ),
        migrations.AddConstraint(
            model_name='offset',
            constraint=models.UniqueConstraint(fields=('connector', 'topic', 'partition'), name='offset_once_a_partition'),
        ),
        migrations.AddIndex(
            model_name='pull',
            index=models.Index(fields=['connector', '-id'], name='pull_of_a_connector'),
        ),
        migrations.AddConstraint(
            model_name='pull',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('connector',), name='pull_one_open_a_connector'),
        ),
        migrations.AddIndex(
            model_name='takenmessage',
            index=models.Index(fields=['at'], name='taken_message_by_time'),
        ),
        migrations.AddConstraint(
            model_name='takenmessage',
            constraint=models.UniqueConstraint(fields=('connector', 'message'), name='message_once_a_connector'),
        ),
    ]
