"""What must never be: a request to open a case again that is answered, or a dispute that is settled, by somebody with a
conflict of interest with the applicant. And whom nobody waits for: a signer who was asked by name and has stated one."""

from importlib import import_module

from django.db import migrations

conflicts = import_module("cases.migrations.0013_conflicts_bar_signing")
desk = import_module("cases.migrations.0007_review_desk_guards")

INTERESTS = """
CREATE OR REPLACE FUNCTION guard_interests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    judged bigint;
    people bigint[];
BEGIN
    IF TG_TABLE_NAME = 'cases_signature' THEN
        SELECT case_id INTO judged FROM cases_review WHERE id = NEW.review_id;
        people := ARRAY[NEW.signer_id, NEW.on_behalf_of_id];
    ELSIF TG_TABLE_NAME = 'cases_adjudication' THEN
        SELECT case_id INTO judged FROM cases_secondlook WHERE id = NEW.second_look_id;
        people := ARRAY[NEW.judge_id];
    ELSIF TG_TABLE_NAME = 'cases_reopening' THEN
        judged := NEW.case_id;
        people := ARRAY[NEW.answered_by_id];
    ELSE
        judged := NEW.case_id;
        people := ARRAY[NEW.reviewer_id];
    END IF;
    IF EXISTS (
        SELECT 1 FROM cases_conflict f JOIN cases_case c ON c.applicant_id = f.applicant_id
        WHERE c.id = judged AND f.person_id = ANY (people) AND f.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'case % is judged by somebody with a conflict of interest', judged
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER adjudication_without_conflict BEFORE INSERT ON cases_adjudication
    FOR EACH ROW EXECUTE FUNCTION guard_interests();
CREATE TRIGGER reopening_without_conflict BEFORE INSERT OR UPDATE OF answered_by_id ON cases_reopening
    FOR EACH ROW EXECUTE FUNCTION guard_interests();
"""
UNDO_TRIGGERS = """
DROP TRIGGER reopening_without_conflict ON cases_reopening;
DROP TRIGGER adjudication_without_conflict ON cases_adjudication;
"""
INTERESTS_BEFORE = conflicts.APART.split("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

# An excuse is no signature, and whoever was excused once is not waited for again when the conflict has ended.
ASKED = "WHERE a.review_id = decision.id AND NOT EXISTS ("
EXCUSED = """WHERE a.review_id = decision.id AND NOT EXISTS (
            SELECT 1 FROM cases_conflict f
            WHERE f.applicant_id = NEW.applicant_id AND f.person_id = a.signer_id
            AND (f.ended_at IS NULL OR f.stated_at >= a.at)) AND NOT EXISTS ("""
EVENTS = desk.FUNCTIONS.replace("'ask_signer', 'attach')", "'ask_signer', 'excuse_signer', 'attach')").replace(ASKED, EXCUSED)


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_conflicts_bar_signing")]

    operations = [
        migrations.RunSQL(INTERESTS, INTERESTS_BEFORE),
        migrations.RunSQL(TRIGGERS, UNDO_TRIGGERS),
        migrations.RunSQL(EVENTS, desk.FUNCTIONS),
    ]
