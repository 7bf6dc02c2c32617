"""What was decided about a policy stays: terms change only in a draft, a simulation only before it is proposed, steps
never; no version is put in force that was not approved, by somebody who neither drafted, edited nor proposed it; no
step is taken that is not told; and a budget of exploration is signed, and spent once."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q

keep = import_module("cases.migrations.0002_guards").keep

STEPS = [
    "draft", "edit", "test", "propose", "return", "approve", "activate", "retire", "roll_back", "alert",
    "ask_exploring", "explore", "stop_exploring",
]  # fmt: skip

KEPT = """
DROP TRIGGER policy_terms_stay ON routing_policy;
CREATE TRIGGER policy_origin_stays BEFORE UPDATE OF product, number, audit_secret, based_on_id, drafted_by_id, drafted_at
    ON routing_policy FOR EACH ROW
    WHEN ((OLD.product, OLD.number, OLD.audit_secret, OLD.based_on_id, OLD.drafted_by_id, OLD.drafted_at)
        IS DISTINCT FROM
          (NEW.product, NEW.number, NEW.audit_secret, NEW.based_on_id, NEW.drafted_by_id, NEW.drafted_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_terms_stay BEFORE UPDATE OF terms, sha256, purpose ON routing_policy FOR EACH ROW
    WHEN ((OLD.status NOT IN ('draft', 'tested') OR NEW.status <> 'draft')
        AND (OLD.terms, OLD.sha256, OLD.purpose) IS DISTINCT FROM (NEW.terms, NEW.sha256, NEW.purpose))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_simulation_stays BEFORE UPDATE OF simulation, simulation_sha256, proposed_by_id, proposed_at
    ON routing_policy FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'tested') AND NEW.status <> 'draft'
        AND (OLD.simulation, OLD.simulation_sha256, OLD.proposed_by_id, OLD.proposed_at)
        IS DISTINCT FROM (NEW.simulation, NEW.simulation_sha256, NEW.proposed_by_id, NEW.proposed_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_approval_stays BEFORE UPDATE OF published_by_id, published_at, starts_at
    ON routing_policy FOR EACH ROW
    WHEN (OLD.status IN ('scheduled', 'active', 'retired') AND NEW.status <> 'draft'
        AND (OLD.published_by_id, OLD.published_at, OLD.starts_at)
        IS DISTINCT FROM (NEW.published_by_id, NEW.published_at, NEW.starts_at))
    EXECUTE FUNCTION refuse_change();
"""
UNDO_KEPT = """
DROP TRIGGER policy_approval_stays ON routing_policy;
DROP TRIGGER policy_simulation_stays ON routing_policy;
DROP TRIGGER policy_terms_stay ON routing_policy;
DROP TRIGGER policy_origin_stays ON routing_policy;
CREATE TRIGGER policy_terms_stay BEFORE UPDATE OF product, number, terms, sha256, audit_secret, drafted_by_id
    ON routing_policy FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION refuse_change();
"""

LIFE = """
CREATE FUNCTION guard_policy_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'draft>tested', 'tested>draft', 'tested>proposed', 'proposed>draft', 'proposed>scheduled', 'proposed>active',
        'scheduled>draft', 'scheduled>active', 'active>retired', 'retired>active'
    ]) THEN
        RAISE EXCEPTION 'policy %: no step leads from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'proposed' AND NEW.simulation->>'terms_sha256' IS DISTINCT FROM NEW.sha256 THEN
        RAISE EXCEPTION 'policy %: its simulation is of other terms', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status = 'proposed' AND NEW.status <> 'draft' AND EXISTS (
        SELECT 1 FROM routing_policystep
        WHERE policy_id = OLD.id AND name IN ('draft', 'edit') AND actor_id = NEW.published_by_id
    ) THEN
        RAISE EXCEPTION 'policy %: nobody approves what they edited', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status = 'scheduled' AND NEW.status = 'active' AND OLD.starts_at > clock_timestamp() THEN
        RAISE EXCEPTION 'policy % starts later', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_life BEFORE UPDATE OF status ON routing_policy FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION guard_policy_life();
CREATE FUNCTION guard_policy_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a policy is born a draft' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER policy_birth BEFORE INSERT ON routing_policy FOR EACH ROW
    WHEN (NEW.status <> 'draft') EXECUTE FUNCTION guard_policy_birth();
"""
UNDO_LIFE = """
DROP TRIGGER policy_birth ON routing_policy;
DROP FUNCTION guard_policy_birth();
DROP TRIGGER policy_life ON routing_policy;
DROP FUNCTION guard_policy_life();
"""

# Checked at commit, so that a version and its step may be written in any order. A step is of the same transaction when
# it was told after that began; others cannot have told it meanwhile, they wait for the row.
TOLD = """
CREATE FUNCTION guard_policy_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    telling text[] := CASE NEW.status
        WHEN 'draft' THEN ARRAY['draft', 'edit', 'test', 'return'] WHEN 'tested' THEN ARRAY['test']
        WHEN 'proposed' THEN ARRAY['propose'] WHEN 'scheduled' THEN ARRAY['approve']
        WHEN 'active' THEN ARRAY['activate', 'roll_back'] ELSE ARRAY['retire'] END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM routing_policystep s WHERE s.policy_id = NEW.id AND s.name = ANY (telling)
                   AND s.at >= transaction_timestamp()) THEN
        RAISE EXCEPTION 'policy % has no step that tells how it became %', NEW.id, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'proposed' AND NEW.status <> 'draft' AND NOT EXISTS (
        SELECT 1 FROM routing_policystep s WHERE s.policy_id = NEW.id AND s.name = 'approve'
        AND s.actor_id = NEW.published_by_id AND s.at >= transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'policy % has no step that tells who approved it', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER policy_is_told AFTER INSERT OR UPDATE OF status ON routing_policy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_policy_told();
CREATE FUNCTION guard_policy_edit_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM routing_policystep s WHERE s.policy_id = NEW.id AND s.name = 'edit'
                   AND s.actor_id IS NOT NULL AND s.at >= transaction_timestamp()) THEN
        RAISE EXCEPTION 'policy % has no step that tells who edited it', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER policy_edit_is_told AFTER UPDATE OF terms, sha256, purpose ON routing_policy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.terms, OLD.sha256, OLD.purpose) IS DISTINCT FROM (NEW.terms, NEW.sha256, NEW.purpose))
    EXECUTE FUNCTION guard_policy_edit_told();
"""
UNDO_TOLD = """
DROP TRIGGER policy_edit_is_told ON routing_policy;
DROP FUNCTION guard_policy_edit_told();
DROP TRIGGER policy_is_told ON routing_policy;
DROP FUNCTION guard_policy_told();
"""

BUDGET = """
CREATE FUNCTION guard_exploration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.policy_id <> NEW.policy_id OR NEW.spent < OLD.spent
       OR NEW.spent > OLD.spent AND (OLD.signed_at IS NULL OR OLD.stopped_at IS NOT NULL)
       OR OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL AND (
           OLD.stopped_at IS NOT NULL OR (OLD.budget, OLD.asked_by_id) IS DISTINCT FROM (NEW.budget, NEW.asked_by_id))
       OR OLD.signed_at IS NOT NULL AND (OLD.budget, OLD.asked_by_id, OLD.asked_at, OLD.signed_by_id, OLD.signed_at)
           IS DISTINCT FROM (NEW.budget, NEW.asked_by_id, NEW.asked_at, NEW.signed_by_id, NEW.signed_at)
       OR OLD.signed_at IS NOT NULL AND OLD.stopped_at IS NOT NULL
           AND (OLD.stopped_at, OLD.stop_reason) IS DISTINCT FROM (NEW.stopped_at, NEW.stop_reason) THEN
        RAISE EXCEPTION 'routing_exploration keeps what was signed, spent and stopped'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exploration_stays BEFORE UPDATE ON routing_exploration FOR EACH ROW EXECUTE FUNCTION guard_exploration();
CREATE TRIGGER exploration_is_kept BEFORE DELETE ON routing_exploration FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION guard_exploration_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an exploration is born unsigned' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER exploration_birth BEFORE INSERT ON routing_exploration FOR EACH ROW
    WHEN (NEW.signed_at IS NOT NULL OR NEW.spent <> 0) EXECUTE FUNCTION guard_exploration_birth();
"""
UNDO_BUDGET = """
DROP TRIGGER exploration_birth ON routing_exploration;
DROP FUNCTION guard_exploration_birth();
DROP TRIGGER exploration_is_kept ON routing_exploration;
DROP TRIGGER exploration_stays ON routing_exploration;
DROP FUNCTION guard_exploration();
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0003_policies_in_full")]

    operations = [
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "tested"])
                | Q(proposed_by__isnull=True, proposed_at__isnull=True, simulation__isnull=True, simulation_sha256=""),
                name="policy_simulation_goes_with_its_proposal",
            ),
        ),
        migrations.AddConstraint(
            "policy",
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "tested", "proposed"])
                | Q(published_by__isnull=True, published_at__isnull=True, starts_at__isnull=True),
                name="policy_not_published_before_its_approval",
            ),
        ),
        migrations.AlterField(
            "policystep",
            "name",
            models.CharField(
                max_length=16,
                choices=[
                    ("draft", "drafted"), ("edit", "edited"), ("test", "tested"), ("propose", "proposed"),
                    ("return", "returned to draft"), ("approve", "approved"), ("activate", "put in force"),
                    ("retire", "retired"), ("roll_back", "rolled back to"), ("alert", "left its predicted band"),
                    ("ask_exploring", "exploration approvals asked for"),
                    ("explore", "exploration approvals signed"), ("stop_exploring", "exploration stopped"),
                ],  # fmt: skip
            ),
        ),
        migrations.RemoveConstraint("policystep", "policy_step_known"),
        migrations.AddConstraint(
            "policystep", models.CheckConstraint(condition=Q(name__in=STEPS), name="policy_step_known")
        ),
        migrations.RemoveConstraint("exploration", "exploration_four_eyes"),
        migrations.AddConstraint(
            "exploration",
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False) & ~Q(signed_by=F("asked_by")),
                name="exploration_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            "exploration",
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | ~Q(stop_reason=""), name="exploration_stops_for_a_reason"
            ),
        ),
        keep("routing_policystep"),
        migrations.RunSQL(KEPT, UNDO_KEPT),
        migrations.RunSQL(LIFE, UNDO_LIFE),
        migrations.RunSQL(TOLD, UNDO_TOLD),
        migrations.RunSQL(BUDGET, UNDO_BUDGET),
    ]
