"""Windows and their measures stay as they were written; an alarm is acknowledged once."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


keep = import_module("cases.migrations.0002_guards").keep

ALARMS = """
CREATE TRIGGER monitoring_alarm_stays BEFORE UPDATE ON learning_monitoringalarm FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL OR (OLD.measure_id, OLD.facts, OLD.at) IS DISTINCT FROM
          (NEW.measure_id, NEW.facts, NEW.at)) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER monitoring_alarm_is_kept BEFORE DELETE ON learning_monitoringalarm
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDO_ALARMS = """
DROP TRIGGER monitoring_alarm_is_kept ON learning_monitoringalarm;
DROP TRIGGER monitoring_alarm_stays ON learning_monitoringalarm;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('learning', '0006_label_guards'),
        ('scoring', '0008_breakers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MonitoringWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('count', '500 cases'), ('day', 'a day'), ('outcomes', '200 outcomes')], max_length=10)),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('cases', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='monitoring_windows', to='scoring.modelversion')),
            ],
        ),
        migrations.CreateModel(
            name='MonitoringMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('csi', 'Shift of a feature (CSI)'), ('score', 'Shift of the score (PSI)'), ('ks', 'Distance of the scores (KS)'), ('approvals', 'Approved by the machine'), ('overrides', 'Overridden by reviewers'), ('calibration', 'Bads observed over foretold'), ('auc', 'AUC'), ('bad_rate', 'Bad rate'), ('cost', 'Cost a case')], max_length=12)),
                ('feature', models.CharField(blank=True, max_length=63)),
                ('value', models.FloatField(null=True)),
                ('usual', models.FloatField(null=True)),
                ('critical', models.FloatField(null=True)),
                ('chance', models.FloatField(null=True)),
                ('rows', models.PositiveIntegerField()),
                ('grade', models.CharField(choices=[('few', 'not enough cases'), ('calm', 'as usual'), ('amber', 'amber'), ('red', 'red')], max_length=6)),
                ('is_estimated', models.BooleanField(default=False)),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='learning.monitoringwindow')),
            ],
        ),
        migrations.CreateModel(
            name='MonitoringAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('facts', models.JSONField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('measure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='alarm', to='learning.monitoringmeasure')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('acknowledged_at__isnull', True)), fields=['-id'], name='monitoring_alarm_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True), ('reason', '')), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='monitoring_alarm_acknowledged_with_a_reason')],
            },
        ),
        migrations.AddConstraint(
            model_name='monitoringwindow',
            constraint=models.UniqueConstraint(fields=('model', 'kind', 'first_id'), name='monitoring_window_once'),
        ),
        migrations.AddConstraint(
            model_name='monitoringwindow',
            constraint=models.CheckConstraint(condition=models.Q(('cases__gt', 0)), name='monitoring_window_has_cases'),
        ),
        migrations.AddIndex(
            model_name='monitoringmeasure',
            index=models.Index(fields=['name', 'feature', '-id'], name='monitoring_measure_by_name'),
        ),
        migrations.AddConstraint(
            model_name='monitoringmeasure',
            constraint=models.UniqueConstraint(fields=('window', 'name', 'feature', 'is_estimated'), name='monitoring_measure_once'),
        ),
        keep("learning_monitoringwindow"),
        keep("learning_monitoringmeasure"),
        migrations.RunSQL(ALARMS, UNDO_ALARMS),
    ]
