"""What must never be: a decision, or a signature under one, of somebody with a conflict of interest with the applicant,
be it the signer or who gave them the pen."""

from django.db import migrations

APART = """
CREATE FUNCTION guard_interests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    judged bigint;
    people bigint[];
BEGIN
    IF TG_TABLE_NAME = 'cases_signature' THEN
        SELECT case_id INTO judged FROM cases_review WHERE id = NEW.review_id;
        people := ARRAY[NEW.signer_id, NEW.on_behalf_of_id];
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
CREATE TRIGGER signature_without_conflict BEFORE INSERT ON cases_signature
    FOR EACH ROW EXECUTE FUNCTION guard_interests();
CREATE TRIGGER review_without_conflict BEFORE INSERT ON cases_review
    FOR EACH ROW EXECUTE FUNCTION guard_interests();
"""
UNDO = """
DROP TRIGGER review_without_conflict ON cases_review;
DROP TRIGGER signature_without_conflict ON cases_signature;
DROP FUNCTION guard_interests();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_views_by_due")]

    operations = [migrations.RunSQL(APART, UNDO)]
