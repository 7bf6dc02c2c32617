"""A waiting case that nobody has touched may be scored again, by the model that came into force since."""

from importlib import import_module

from django.db import migrations

desk_guards = import_module("cases.migrations.0007_review_desk_guards")

# The edges of cases/machine.py; tests/house checks that they are the same.
EDGES = (*desk_guards.EDGES, "queued>received")

FUNCTION = """
CREATE OR REPLACE FUNCTION guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'case % moves from version % to %', OLD.id, OLD.version, NEW.version
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[{edges}]) THEN
        RAISE EXCEPTION 'case %: no step leads from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def guard_move(edges):
    return FUNCTION.format(edges=", ".join(f"'{edge}'" for edge in edges))


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_notices_without_a_case")]

    operations = [migrations.RunSQL(guard_move(EDGES), guard_move(desk_guards.EDGES))]
