"""Two second persons where the policy asks for them: more than one signature a review, each by somebody else, a step
between the first and the last, and a database that counts them before it lets a decision through."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

guards = import_module("cases.migrations.0002_guards")

# The edges of cases/machine.py; tests/house checks that they are the same.
EDGES = (*guards.EDGES, "awaiting_signoff>awaiting_signoff")
# Who entered a case may not sign it, so that this stays too.
FACTS = (*guards.FACTS, "entered_by_id", "signing")

# A case waits at `seen_version + 1` of its review, and each signature is one move: the version tells which signature
# this is. All conditions only become truer with later rows, as they are looked at when the transaction ends.
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
    by_policy numeric := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_caseevent WHERE case_id = NEW.id AND seq = NEW.version
                   AND to_state = NEW.state AND from_state = came_from) THEN
        RAISE EXCEPTION 'case % has no event for version %', NEW.id, NEW.version USING ERRCODE = 'check_violation';
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
    IF came_from <> 'awaiting_signoff' OR NEW.state = 'queued' THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM cases_review r
        WHERE r.case_id = NEW.id AND NEW.version - r.seen_version - 1 BETWEEN 1 AND r.signatures_needed
        AND CASE WHEN is_decided
            THEN NEW.version - r.seen_version - 1 = r.signatures_needed
                AND r.outcome = NEW.outcome AND r.signatures_needed >= by_policy
            ELSE NEW.version - r.seen_version - 1 < r.signatures_needed END
        AND NEW.version - r.seen_version - 1 <= (
            SELECT count(DISTINCT s.signer_id) FROM cases_signature s
            WHERE s.review_id = r.id AND s.verdict = 'confirm' AND s.signer_id IS DISTINCT FROM NEW.entered_by_id
        )
    ) THEN
        RAISE EXCEPTION 'case % was % without a signature', NEW.id,
            CASE WHEN is_decided THEN 'decided' ELSE 'countersigned' END USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
""".format(edges=", ".join(f"'{edge}'" for edge in EDGES))


def facts_trigger(names: tuple[str, ...]) -> str:
    """SQL that lets these columns of a case change with a move only."""
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return (
        f"DROP TRIGGER case_facts ON cases_case;"
        f"CREATE TRIGGER case_facts BEFORE UPDATE OF {', '.join(names)} ON cases_case FOR EACH ROW "
        f"WHEN (OLD.version = NEW.version AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION guard_facts();"
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_policies_in_full")]

    operations = [
        migrations.AlterModelOptions(name="signature", options={"ordering": ["id"]}),
        migrations.AlterField(
            model_name="signature",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="cases.review"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(fields=("review", "signer"), name="signature_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verdict", "send_back")), fields=("review",), name="signature_sent_back_once"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="signatures_needed",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        # Reviews refuse UPDATE; a column may still be worked out anew, as what the reviews so far needed.
        migrations.RunSQL(
            "ALTER TABLE cases_review ALTER COLUMN signatures_needed TYPE smallint "
            "USING least(cardinality(signature_reasons), 1);",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("signature_reasons__len", 0), ("signatures_needed", 0))
                | models.Q(("signature_reasons__len__gt", 0), ("signatures_needed__in", [1, 2])),
                name="review_signed_for_a_reason",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, guards.FUNCTIONS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
        migrations.RunSQL(facts_trigger(FACTS), facts_trigger(guards.FACTS)),
    ]
