"""That a new case has its event is looked at by a function of its own: the one for moves weighs reviews and signatures,
and cost a new case, which has none of them, three times as much."""

from django.db import migrations

# Looked at when the transaction ends, as the event comes after its case.
FIRST = """
CREATE FUNCTION guard_first_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_caseevent WHERE case_id = NEW.id AND seq = NEW.version
                   AND to_state = NEW.state AND from_state = '') THEN
        RAISE EXCEPTION 'case % has no event for version %', NEW.id, NEW.version USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER case_has_event ON cases_case;
CREATE CONSTRAINT TRIGGER case_has_event AFTER UPDATE OF version ON cases_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event();
CREATE CONSTRAINT TRIGGER case_has_first_event AFTER INSERT ON cases_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_first_event();
"""
BEFORE = """
DROP TRIGGER case_has_first_event ON cases_case;
DROP FUNCTION guard_first_event();
DROP TRIGGER case_has_event ON cases_case;
CREATE CONSTRAINT TRIGGER case_has_event AFTER INSERT OR UPDATE OF version ON cases_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_reveals")]
    operations = [migrations.RunSQL(FIRST, BEFORE)]
