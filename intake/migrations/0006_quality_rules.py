"""Quality rules as they were set, version by version."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0005_health'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=50)),
                ('source', models.CharField(blank=True, default='', max_length=50)),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField(blank=True)),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [
                    models.UniqueConstraint(fields=('product', 'source', 'number'), name='rules_number_once_a_product'),
                    models.CheckConstraint(condition=~models.Q(product=''), name='rules_of_a_product'),
                    models.CheckConstraint(condition=~models.Q(reason=''), name='rules_set_with_a_reason'),
                ],
            },
        ),
        keep("intake_ruleset"),
    ]
