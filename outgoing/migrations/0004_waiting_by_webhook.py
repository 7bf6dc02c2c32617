"""An index of what waits for each webhook: a round takes some of every one."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0018_reveals'),
        ('outgoing', '0003_feeds'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['webhook', 'due_at', 'id'], name='delivery_waiting_of_a_webhook'),
        ),
    ]
