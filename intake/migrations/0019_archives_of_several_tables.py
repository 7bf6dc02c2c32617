"""An archive leads to a record for each table in it, by its place among the archive's parts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0018_days_of_sources'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='incomingfile',
            name='incoming_file_once',
        ),
        migrations.RemoveConstraint(
            model_name='incomingfile',
            name='incoming_file_ends_as_a_batch_or_refused',
        ),
        migrations.AddField(
            model_name='incomingfile',
            name='archive',
            field=models.ForeignKey(null=True, on_delete=models.PROTECT, related_name='tables', to='intake.incomingfile'),
        ),
        migrations.AddField(
            model_name='incomingfile',
            name='members',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='incomingfile',
            name='place',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='incomingfile',
            constraint=models.UniqueConstraint(condition=models.Q(('archive__isnull', True)), fields=('source', 'name', 'sha256'), name='incoming_file_once'),
        ),
        migrations.AddConstraint(
            model_name='incomingfile',
            constraint=models.UniqueConstraint(fields=('archive', 'place'), name='incoming_member_once'),
        ),
        migrations.AddConstraint(
            model_name='incomingfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('archive__isnull', True), ('batch__isnull', True), ('done_at__isnull', True), ('members', 0), ('refusal', {})), models.Q(('batch__isnull', False), ('done_at__isnull', False), ('members', 0), ('refusal', {})), models.Q(('batch__isnull', True), ('done_at__isnull', False), ('members', 0), models.Q(('refusal', {}), _negated=True)), models.Q(('archive__isnull', True), ('batch__isnull', True), ('done_at__isnull', False), ('members__gt', 0), ('refusal', {})), _connector='OR'), name='incoming_file_ends_as_a_batch_or_refused'),
        ),
        migrations.AddConstraint(
            model_name='incomingfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('archive__isnull', True), ('place__isnull', True)), models.Q(('archive__isnull', False), ('place__isnull', False)), _connector='OR'), name='incoming_member_has_its_place'),
        ),
    ]
