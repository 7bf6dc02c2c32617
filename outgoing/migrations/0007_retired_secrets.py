"""Every secret that was replaced signs along, not one alone. One that still does moves over; on the way back the first
that was replaced stays, as the code of then had it."""

import django.db.models.deletion
from django.db import migrations, models

MOVE_OVER = """
INSERT INTO outgoing_retiredsecret (webhook_id, secret, signs_until)
SELECT id, secret_before, secret_before_until FROM outgoing_webhook WHERE secret_before_until > now();
"""
MOVE_BACK = """
UPDATE outgoing_webhook w SET secret_before = first.secret, secret_before_until = first.signs_until
FROM (SELECT DISTINCT ON (webhook_id) webhook_id, secret, signs_until FROM outgoing_retiredsecret
      WHERE signs_until > now() ORDER BY webhook_id, id) first
WHERE first.webhook_id = w.id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outgoing', '0006_office_days'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetiredSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.TextField()),
                ('signs_until', models.DateTimeField()),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retired_secrets', to='outgoing.webhook')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='retiredsecret',
            constraint=models.CheckConstraint(condition=models.Q(('secret', ''), _negated=True), name='retired_secret_is_there'),
        ),
        migrations.RunSQL(MOVE_OVER, MOVE_BACK),
        migrations.RemoveConstraint(model_name='webhook', name='webhook_old_secret_ends'),
        migrations.RemoveField(model_name='webhook', name='secret_before'),
        migrations.RemoveField(model_name='webhook', name='secret_before_until'),
    ]
