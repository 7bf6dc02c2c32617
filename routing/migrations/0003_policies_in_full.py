import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# A version that was published before simulations were frozen says so, and was proposed by whoever drafted it.
TOLD_OF_OLD_VERSIONS = """
UPDATE routing_policy SET proposed_by_id = drafted_by_id, proposed_at = drafted_at, starts_at = published_at,
    simulation = '{"missing": "published before simulations were kept"}', simulation_sha256 = 'none'
WHERE status <> 'draft';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_policies_in_full'),
        ('routing', '0002_guards'),
        ('scoring', '0003_explanations_and_cards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('stated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='DayLoad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=50)),
                ('day', models.DateField()),
                ('given', models.PositiveIntegerField(default=0)),
                ('beyond', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hours_a_day', models.DecimalField(decimal_places=2, max_digits=4)),
                ('most_cases_a_day', models.PositiveIntegerField(null=True)),
                ('products', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), blank=True, default=list, size=None)),
                ('stated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Exploration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('budget', models.DecimalField(decimal_places=2, max_digits=15)),
                ('spent', models.DecimalField(decimal_places=2, default=0, max_digits=15)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('signed_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stop_reason', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='PolicyStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('draft', 'drafted'), ('edit', 'edited'), ('test', 'tested'), ('propose', 'proposed'), ('return', 'returned to draft'), ('approve', 'approved'), ('activate', 'put in force'), ('retire', 'retired'), ('roll_back', 'rolled back to'), ('alert', 'left its predicted band'), ('explore', 'exploration approvals signed'), ('stop_exploring', 'exploration stopped')], max_length=16)),
                ('note', models.TextField(blank=True)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='policy',
            name='policy_published_by_somebody',
        ),
        migrations.RemoveConstraint(
            model_name='policy',
            name='policy_four_eyes',
        ),
        migrations.AddField(
            model_name='policy',
            name='based_on',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.policy'),
        ),
        migrations.AddField(
            model_name='policy',
            name='proposed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='policy',
            name='proposed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposed_policies', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policy',
            name='purpose',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='policy',
            name='simulation',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='policy',
            name='simulation_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='policy',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='route',
            name='capacity',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='economics',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='exploration_probability',
            field=models.FloatField(default=0),
        ),
        migrations.AddField(
            model_name='route',
            name='inputs',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='is_exploration',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='route',
            name='limit',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='row',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='route',
            name='signing',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='thresholds',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='route',
            name='tier',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='route',
            name='trace',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='policy',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('tested', 'Tested'), ('proposed', 'Proposed'), ('scheduled', 'Approved, to start'), ('active', 'Active'), ('retired', 'Retired')], default='draft', max_length=10),
        ),
        migrations.AddIndex(
            model_name='route',
            index=models.Index(fields=['at', 'id'], name='route_by_time'),
        ),
        migrations.RunSQL(TOLD_OF_OLD_VERSIONS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'tested']), models.Q(('proposed_at__isnull', False), ('proposed_by__isnull', False), ('simulation__isnull', False), models.Q(('simulation_sha256', ''), _negated=True)), _connector='OR'), name='policy_proposed_with_a_simulation'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'tested', 'proposed']), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='policy_published_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(models.Q(('published_by', models.F('drafted_by')), _negated=True), models.Q(('published_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='policy_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='route',
            constraint=models.CheckConstraint(condition=models.Q(('exploration_probability__gte', 0), ('exploration_probability__lte', 1)), name='route_exploration_probability'),
        ),
        migrations.AddConstraint(
            model_name='route',
            constraint=models.CheckConstraint(condition=models.Q(('is_exploration', False), models.Q(('advice', 'decline'), ('exploration_probability__gt', 0), ('way', 'approve')), _connector='OR'), name='route_exploration_approves_a_decline'),
        ),
        migrations.AddField(
            model_name='absence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='stated_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='dayload',
            constraint=models.UniqueConstraint(fields=('product', 'day'), name='day_load_once_a_product_and_day'),
        ),
        migrations.AddField(
            model_name='duty',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='duty', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='duty',
            name='stated_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='exploration',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='exploration',
            name='policy',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exploration', to='routing.policy'),
        ),
        migrations.AddField(
            model_name='exploration',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policystep',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='policy_steps', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policystep',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='routing.policy'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['person', 'last_day'], name='absence_by_person'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='absence_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(('hours_a_day__gte', 0), ('hours_a_day__lte', 24)), name='duty_hours_of_a_day'),
        ),
        migrations.AddConstraint(
            model_name='exploration',
            constraint=models.CheckConstraint(condition=models.Q(('budget__gt', 0)), name='exploration_has_a_budget'),
        ),
        migrations.AddConstraint(
            model_name='exploration',
            constraint=models.CheckConstraint(condition=models.Q(('spent__gte', 0), ('spent__lte', models.F('budget'))), name='exploration_within_its_budget'),
        ),
        migrations.AddConstraint(
            model_name='exploration',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by__isnull', True), models.Q(('signed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='exploration_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='exploration',
            constraint=models.CheckConstraint(condition=models.Q(('spent', 0), ('signed_by__isnull', False), _connector='OR'), name='exploration_spends_only_when_signed'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['draft', 'edit', 'test', 'propose', 'return', 'approve', 'activate', 'retire', 'roll_back', 'alert', 'explore', 'stop_exploring'])), name='policy_step_known'),
        ),
    ]
