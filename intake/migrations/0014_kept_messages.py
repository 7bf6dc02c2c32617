"""Messages that were kept whole can be taken in again; each attempt stands in steps that nobody can alter."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_reveals'),
        ('intake', '0013_look_backs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MessageStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveSmallIntegerField()),
                ('name', models.CharField(choices=[('asked', 'Waits to be tried'), ('begun', 'Being tried'), ('taken_in', 'Taken in'), ('known', 'Known already'), ('refused', 'Refused'), ('failed', 'Failed'), ('died', 'Its worker died'), ('called_off', 'Called off')], max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('errors', models.JSONField(default=list)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='rejectedrow',
            name='kept_at',
            field=models.DateTimeField(null=True),
        ),
        # The default comes after the field: of rows that were kept before, nothing is said.
        migrations.AlterField(
            model_name='rejectedrow',
            name='kept_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
        ),
        migrations.AddIndex(
            model_name='rejectedrow',
            index=models.Index(condition=models.Q(('errors__contains', [{'code': 'message_kills'}]), ('errors__contains', [{'code': 'message_failed'}]), _connector='OR'), fields=['batch', 'id'], name='rejected_kept_whole'),
        ),
        migrations.AddField(
            model_name='messagestep',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='messagestep',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.batch'),
        ),
        migrations.AddField(
            model_name='messagestep',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='message_steps', to='cases.case'),
        ),
        migrations.AddField(
            model_name='messagestep',
            name='row',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='intake.rejectedrow'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.UniqueConstraint(condition=models.Q(('name', 'asked')), fields=('row', 'attempt'), name='message_asked_once_an_attempt'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.UniqueConstraint(condition=models.Q(('name', 'begun')), fields=('row', 'attempt'), name='message_begun_once_an_attempt'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.UniqueConstraint(condition=models.Q(('name__in', ['asked', 'begun']), _negated=True), fields=('row', 'attempt'), name='message_ended_once_an_attempt'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.UniqueConstraint(condition=models.Q(('name__in', ['taken_in', 'known'])), fields=('row',), name='message_settled_once'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor__isnull', False), ('name', 'asked'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('name', 'asked'), _negated=True), ('actor__isnull', True), ('reason', '')), _connector='OR'), name='message_asked_by_a_person_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='messagestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', False), ('name__in', ['taken_in', 'known'])), models.Q(('case__isnull', True), ('name__in', ['asked', 'begun', 'refused', 'failed', 'died', 'called_off'])), _connector='OR'), name='message_step_known_and_settled_by_a_case'),
        ),
        keep('intake_messagestep'),
    ]
