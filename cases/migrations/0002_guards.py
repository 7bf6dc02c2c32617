"""What must never be, held by the database itself: histories that change, moves the machine does not know, moves
without an event, and a signature beside somebody else's review."""

from django.db import migrations

# The edges of cases/machine.py; tests/house checks that they are the same.
EDGES = (
    "received>needs_data", "needs_data>received", "received>approved", "received>declined", "received>scored",
    "scored>approved", "scored>declined", "scored>queued", "received>queued", "queued>in_review",
    "in_review>queued", "in_review>waiting_info", "waiting_info>queued", "in_review>approved", "in_review>declined",
    "in_review>resolved", "in_review>awaiting_signoff", "awaiting_signoff>approved", "awaiting_signoff>declined",
    "awaiting_signoff>resolved", "awaiting_signoff>queued", "needs_data>withdrawn", "queued>withdrawn",
    "waiting_info>withdrawn",
)

FUNCTIONS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keeps what was written: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION guard_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'received' OR NEW.version <> 1 THEN
        RAISE EXCEPTION 'a case is born received, at version 1' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_move() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came_from text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_caseevent WHERE case_id = NEW.id AND seq = NEW.version
                   AND to_state = NEW.state AND from_state = came_from) THEN
        RAISE EXCEPTION 'case % has no event for version %', NEW.id, NEW.version USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state NOT IN ('approved', 'declined', 'resolved') THEN
        RETURN NULL;
    END IF;
    IF came_from = 'in_review' AND NOT EXISTS (
        SELECT 1 FROM cases_review WHERE case_id = NEW.id AND seen_version = OLD.version AND outcome = NEW.outcome
        AND cardinality(signature_reasons) = 0
    ) THEN
        RAISE EXCEPTION 'case % was decided without a review', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF came_from = 'awaiting_signoff' AND NOT EXISTS (
        SELECT 1 FROM cases_signature s JOIN cases_review r ON r.id = s.review_id
        WHERE r.case_id = NEW.id AND r.seen_version = OLD.version - 1 AND r.outcome = NEW.outcome
        AND s.verdict = 'confirm'
    ) THEN
        RAISE EXCEPTION 'case % was decided without a signature', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_case WHERE id = NEW.case_id AND version >= NEW.seq) THEN
        RAISE EXCEPTION 'case % never had version %', NEW.case_id, NEW.seq USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION guard_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case %: its facts change only with a move', OLD.id USING ERRCODE = 'check_violation';
END $$;
""".format(edges=", ".join(f"'{edge}'" for edge in EDGES))

# What a decision stands on, and the decision itself.
FACTS = (
    "source", "external_ref", "content_hash", "kind", "product", "amount", "currency", "term_months", "applied_at",
    "applicant_id", "features", "derived", "findings", "pd", "pd_low", "pd_high", "points", "doubt", "advice",
    "outcome", "decided_by", "decided_at",
)

TRIGGERS = """
CREATE TRIGGER case_birth BEFORE INSERT ON cases_case FOR EACH ROW EXECUTE FUNCTION guard_birth();
CREATE TRIGGER case_move BEFORE UPDATE OF state, version ON cases_case FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.version IS DISTINCT FROM NEW.version)
    EXECUTE FUNCTION guard_move();
CREATE CONSTRAINT TRIGGER case_has_event AFTER INSERT OR UPDATE OF version ON cases_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event();
CREATE CONSTRAINT TRIGGER event_of_a_move AFTER INSERT ON cases_caseevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_history();
CREATE TRIGGER case_facts BEFORE UPDATE OF {facts} ON cases_case FOR EACH ROW
    WHEN (OLD.version = NEW.version AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION guard_facts();
ALTER TABLE cases_signature ADD CONSTRAINT signature_reviewer_is_the_reviews
    FOREIGN KEY (review_id, reviewer_id) REFERENCES cases_review (id, reviewer_id);
""".format(
    facts=", ".join(FACTS),
    old=", ".join(f"OLD.{name}" for name in FACTS),
    new=", ".join(f"NEW.{name}" for name in FACTS),
)

UNDO = """
ALTER TABLE cases_signature DROP CONSTRAINT signature_reviewer_is_the_reviews;
DROP TRIGGER case_facts ON cases_case;
DROP TRIGGER event_of_a_move ON cases_caseevent;
DROP TRIGGER case_has_event ON cases_case;
DROP TRIGGER case_move ON cases_case;
DROP TRIGGER case_birth ON cases_case;
"""


def keep(table: str) -> migrations.RunSQL:
    """Let nothing but INSERT through to `table`."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();"
        f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
        f"DROP TRIGGER {table}_stays ON {table}; DROP TRIGGER {table}_keeps ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION guard_facts(); DROP FUNCTION guard_history(); DROP FUNCTION guard_event(); DROP FUNCTION guard_move(); DROP FUNCTION guard_birth();"
            "DROP FUNCTION refuse_change();",
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
        keep("cases_caseevent"),
        keep("cases_review"),
        keep("cases_signature"),
    ]
