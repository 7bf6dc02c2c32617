"""How large a file was when it was read, so that one that is written on after it was set aside is seen."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('intake', '0022_watched_sources')]

    operations = [
        migrations.AddField(model_name='incomingfile', name='size', field=models.BigIntegerField(null=True)),
    ]
