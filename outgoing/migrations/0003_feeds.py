"""Decisions as streams, what was done with them, and their messages. What somebody did is never changed."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_reopened_by_others'),
        ('outgoing', '0002_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DecisionFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=50, unique=True)),
                ('kind', models.CharField(choices=[('redis', 'Redis stream'), ('kafka', 'Kafka topic')], max_length=8)),
                ('address', models.TextField()),
                ('target', models.CharField(max_length=249)),
                ('most_kept', models.PositiveIntegerField(default=100000)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused')], default='active', max_length=8)),
                ('begins_at', models.DateTimeField()),
                ('read_until', models.DateTimeField()),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('problem', models.JSONField(default=dict)),
                ('problem_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='FeedMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=40, unique=True)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Delivered'), ('dropped', 'Taken back before it went out')], default='waiting', max_length=8)),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.caseevent')),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='outgoing.decisionfeed')),
            ],
        ),
        migrations.CreateModel(
            name='FeedStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('made', 'Made'), ('changed', 'Changed'), ('paused', 'Paused'), ('resumed', 'Resumed')], max_length=10)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('reason', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='outgoing.decisionfeed')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='decisionfeed',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['redis', 'kafka'])), name='feed_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='decisionfeed',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused'])), name='feed_state_known'),
        ),
        migrations.AddConstraint(
            model_name='decisionfeed',
            constraint=models.CheckConstraint(condition=models.Q(('most_kept__gt', 0)), name='feed_keeps_something'),
        ),
        migrations.AddConstraint(
            model_name='decisionfeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('problem', {}), ('problem_at__isnull', True)), models.Q(models.Q(('problem', {}), _negated=True), ('problem_at__isnull', False)), _connector='OR'), name='feed_problem_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='feedmessage',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['feed', 'due_at', 'id'], name='feed_message_waiting'),
        ),
        migrations.AddIndex(
            model_name='feedmessage',
            index=models.Index(fields=['feed', '-id'], name='message_of_a_feed'),
        ),
        migrations.AddConstraint(
            model_name='feedmessage',
            constraint=models.UniqueConstraint(fields=('feed', 'event'), name='feed_message_once_a_feed_and_event'),
        ),
        migrations.AddConstraint(
            model_name='feedmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='feed_message_sent_at_a_time'),
        ),
        keep("outgoing_feedstep"),
    ]
