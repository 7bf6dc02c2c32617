"""What a new champion says of cases that were open before it, apart from what was scored along."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0009_stream_taught_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='shadowscore',
            name='is_afterwards',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
