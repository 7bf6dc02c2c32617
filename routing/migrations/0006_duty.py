"""Who was handed which case, for good; absences that never overlap and, once over, never change; and the cases that
wait when a day begins."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

keep = import_module("cases.migrations.0002_guards").keep

# Days are those of the office clock (TIME_ZONE).
ABSENCES = """
CREATE FUNCTION guard_absence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    IF OLD.last_day < today OR OLD.first_day < today AND (TG_OP = 'DELETE'
        OR (OLD.person_id, OLD.first_day) IS DISTINCT FROM (NEW.person_id, NEW.first_day) OR NEW.last_day < today - 1)
    THEN
        RAISE EXCEPTION 'routing_absence keeps the days that are over' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER absence_stays BEFORE UPDATE OR DELETE ON routing_absence FOR EACH ROW EXECUTE FUNCTION guard_absence();
"""
UNDO_ABSENCES = """
DROP TRIGGER absence_stays ON routing_absence;
DROP FUNCTION guard_absence();
"""
ONE_PERSON = Func(F("person"), F("person"), Value("[]"), function="int8range", output_field=BigIntegerRangeField())
ITS_DAYS = Func(F("first_day"), F("last_day"), Value("[]"), function="daterange", output_field=DateRangeField())


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_queue_of_a_person"),
        ("routing", "0005_concentration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=Now())),
                ("random", models.BooleanField(default=False)),
                ("probability", models.FloatField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="cases.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(random=False, probability=1)
                        | Q(random=True, probability__gt=0, probability__lte=1),
                        name="assignment_by_lot_has_its_chance",
                    )
                ],
                "indexes": [models.Index(fields=["person", "at"], name="assignment_by_person")],
            },
        ),
        migrations.AddField("dayload", "carried", models.PositiveIntegerField(default=0)),
        migrations.AddIndex(
            "route", models.Index(fields=["at"], condition=Q(way="review"), name="route_to_people_by_time")
        ),
        migrations.AddConstraint(
            "absence",
            ExclusionConstraint(
                name="absence_never_overlaps", expressions=[(ONE_PERSON, "&&"), (ITS_DAYS, "&&")]
            ),
        ),
        keep("routing_assignment"),
        migrations.RunSQL(ABSENCES, UNDO_ABSENCES),
    ]
