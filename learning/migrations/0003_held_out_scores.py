"""What models that had not seen a training loan said of it; kept as it was written."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_guards'),
        ('learning', '0002_guards'),
        ('scoring', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldOutScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('log_odds', models.FloatField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_out_scores', to='cases.case')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_out_scores', to='scoring.modelversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('model', 'case'), name='held_out_score_once_a_model_and_case')],
            },
        ),
        keep('learning_heldoutscore'),
    ]
