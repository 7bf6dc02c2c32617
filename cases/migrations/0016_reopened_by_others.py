"""What must never be: a case that was opened again is decided by who signed the decision before, or let it be opened."""

from django.db import migrations

APART = """
CREATE FUNCTION guard_decider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM cases_signature s JOIN cases_review r ON r.id = s.review_id
        WHERE r.case_id = NEW.case_id AND s.verdict = 'confirm' AND NEW.reviewer_id IN (s.signer_id, s.on_behalf_of_id)
    ) OR EXISTS (
        SELECT 1 FROM cases_reopening
        WHERE case_id = NEW.case_id AND verdict = 'approve' AND answered_by_id = NEW.reviewer_id
    ) THEN
        RAISE EXCEPTION 'case % is decided by somebody who signed it or opened it again', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_by_another BEFORE INSERT ON cases_review FOR EACH ROW EXECUTE FUNCTION guard_decider();
"""
UNDO = """
DROP TRIGGER review_by_another ON cases_review;
DROP FUNCTION guard_decider();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_notices_without_a_case")]

    operations = [migrations.RunSQL(APART, UNDO)]
