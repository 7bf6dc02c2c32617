"""Loans with their repayment by month; no month is ever changed."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0018_reveals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='loan', serialize=False, to='cases.case')),
                ('look_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('look_at__isnull', False)), fields=['look_at'], name='loan_to_look_at')],
            },
        ),
        migrations.CreateModel(
            name='RepaymentMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField()),
                ('dpd', models.PositiveIntegerField()),
                ('balance', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ('given_by', models.CharField(max_length=100)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='months', to='portfolio.loan')),
            ],
            options={
                'indexes': [models.Index(fields=['loan', 'as_of', '-id'], name='months_of_a_loan')],
                'constraints': [models.CheckConstraint(condition=models.Q(('balance__isnull', True), ('balance__gte', 0), _connector='OR'), name='month_balance_is_none_or_more')],
            },
        ),
        keep("portfolio_repaymentmonth"),
    ]
