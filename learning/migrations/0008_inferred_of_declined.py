"""Inferred outcomes: of declined cases alone, and once a case and assumption."""

from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION guard_inferred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_case WHERE id = NEW.case_id AND outcome = 'decline') THEN
        RAISE EXCEPTION 'label: case % was not declined, there is nothing to infer', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER label_inferred_of_a_decline BEFORE INSERT ON learning_label FOR EACH ROW
    WHEN (NEW.source = 'inferred') EXECUTE FUNCTION guard_inferred();
"""


class Migration(migrations.Migration):
    dependencies = [("learning", "0007_monitoring")]

    operations = [
        migrations.AddConstraint(
            model_name="label",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", "inferred")), fields=("case", "given_by"), name="label_inferred_once"
            ),
        ),
        migrations.RunSQL(
            FUNCTION,
            "DROP TRIGGER label_inferred_of_a_decline ON learning_label; DROP FUNCTION guard_inferred();",
        ),
    ]
