"""What must never be, now that decisions can be taken back, opened again, revised and voided: the database looks at the
name of a move, not only at the states it joins, and counts signatures by their moves since the decision."""

from importlib import import_module

from django.db import migrations

guards = import_module("cases.migrations.0002_guards")
two_signatures = import_module("cases.migrations.0004_two_signatures")

# The edges of cases/machine.py; tests/house checks that they are the same.
EDGES = (
    *two_signatures.EDGES, "queued>queued", "needs_data>needs_data", "in_review>in_review",
    "waiting_info>waiting_info", "approved>in_review", "declined>in_review", "resolved>in_review",
    "awaiting_signoff>in_review", "waiting_info>in_review", "approved>queued", "declined>queued", "resolved>queued",
)
FACTS = (*two_signatures.FACTS, "released_at", "opinion_first", "tuned_by_id")

# All conditions only become truer with later rows, as they are looked at when the transaction ends.
FUNCTIONS = """
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

CREATE OR REPLACE FUNCTION guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came_from text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
    is_decided boolean := NEW.state IN ('approved', 'declined', 'resolved');
    was_decided boolean := came_from IN ('approved', 'declined', 'resolved');
    by_policy numeric := 0;
    moved text;
    decision cases_review%ROWTYPE;
    signed bigint;
    confirmed bigint;
    asked_are_missing boolean;
BEGIN
    SELECT name INTO moved FROM cases_caseevent
    WHERE case_id = NEW.id AND seq = NEW.version AND to_state = NEW.state AND from_state = came_from;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'case % has no event for version %', NEW.id, NEW.version USING ERRCODE = 'check_violation';
    END IF;
    IF was_decided AND NEW.state = 'in_review' AND (OLD.released_at IS NULL OR OLD.released_at <= now()) THEN
        RAISE EXCEPTION 'case % was taken back after its release', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF was_decided AND NEW.state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM cases_reopening WHERE case_id = NEW.id AND case_version = OLD.version AND verdict = 'approve'
    ) THEN
        RAISE EXCEPTION 'case % was opened again by nobody', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF is_decided AND came_from IN ('in_review', 'awaiting_signoff') THEN
        by_policy := coalesce((OLD.signing -> NEW.outcome ->> 'signatures')::numeric, 0);
    END IF;
    IF is_decided AND came_from = 'in_review' AND NOT EXISTS (
        SELECT 1 FROM cases_review WHERE case_id = NEW.id AND seen_version = OLD.version AND outcome = NEW.outcome
        AND signatures_needed = 0 AND by_policy = 0
    ) THEN
        RAISE EXCEPTION 'case % was decided without a review', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF moved = 'revise' AND NOT EXISTS (
        SELECT 1 FROM cases_review WHERE case_id = NEW.id AND seen_version = OLD.version AND signatures_needed > 0
    ) THEN
        RAISE EXCEPTION 'case % was revised without a review', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF came_from <> 'awaiting_signoff' OR NOT (
        is_decided OR (NEW.state = 'awaiting_signoff' AND moved NOT IN ('revise', 'ask_signer', 'attach'))
    ) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO decision FROM cases_review WHERE case_id = NEW.id AND seen_version < OLD.version
    ORDER BY seen_version DESC LIMIT 1;
    SELECT count(*) INTO signed FROM cases_caseevent
    WHERE case_id = NEW.id AND seq > decision.seen_version + 1 AND seq <= NEW.version
    AND from_state = 'awaiting_signoff' AND name NOT IN ('ask_signer', 'attach');
    SELECT count(DISTINCT s.signer_id) INTO confirmed FROM cases_signature s
    WHERE s.review_id = decision.id AND s.verdict = 'confirm'
    AND s.signer_id IS DISTINCT FROM NEW.entered_by_id AND s.signer_id IS DISTINCT FROM NEW.tuned_by_id
    AND (s.on_behalf_of_id IS NULL OR s.on_behalf_of_id IS DISTINCT FROM NEW.entered_by_id
         AND s.on_behalf_of_id IS DISTINCT FROM NEW.tuned_by_id);
    asked_are_missing := EXISTS (
        SELECT 1 FROM cases_askedsigner a WHERE a.review_id = decision.id AND NOT EXISTS (
            SELECT 1 FROM cases_signature s
            WHERE s.review_id = a.review_id AND s.signer_id = a.signer_id AND s.verdict = 'confirm'));
    IF decision.id IS NULL OR signed < 1 OR signed > confirmed
        OR is_decided AND (signed < decision.signatures_needed OR decision.signatures_needed < by_policy
                           OR decision.outcome <> NEW.outcome OR asked_are_missing)
        OR NOT is_decided AND signed >= decision.signatures_needed AND NOT asked_are_missing
    THEN
        RAISE EXCEPTION 'case % was % without a signature', NEW.id,
            CASE WHEN is_decided THEN 'decided' ELSE 'countersigned' END USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM cases_caseevent WHERE case_id = NEW.id AND seq > decision.seen_version AND seq < NEW.version
        AND name = 'attach'
    ) THEN
        RAISE EXCEPTION 'case % has a document that its decision did not know', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
""".format(edges=", ".join(f"'{edge}'" for edge in EDGES))

# Who is asked to sign what is decided already would make a lawful decision look like one without a signature.
ASKED = """
CREATE FUNCTION guard_asked_signer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM cases_review r JOIN cases_case c ON c.id = r.case_id
        WHERE r.id = NEW.review_id AND r.reviewer_id = NEW.reviewer_id AND c.state IN ('in_review', 'awaiting_signoff')
    ) THEN
        RAISE EXCEPTION 'review % does not wait for signatures', NEW.review_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER asked_signer_of_an_open_review BEFORE INSERT ON cases_askedsigner
    FOR EACH ROW EXECUTE FUNCTION guard_asked_signer();
"""
UNDO_ASKED = "DROP TRIGGER asked_signer_of_an_open_review ON cases_askedsigner; DROP FUNCTION guard_asked_signer();"


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_review_desk")]

    operations = [
        migrations.RunSQL(FUNCTIONS, two_signatures.FUNCTIONS),
        migrations.RunSQL(two_signatures.facts_trigger(FACTS), two_signatures.facts_trigger(two_signatures.FACTS)),
        migrations.RunSQL(ASKED, UNDO_ASKED),
        guards.keep("cases_document"),
        guards.keep("cases_comment"),
        guards.keep("cases_skip"),
        guards.keep("cases_opinion"),
        guards.keep("cases_adjudication"),
        guards.keep("cases_askedsigner"),
        guards.keep("cases_deskrules"),
    ]
