"""What was decided about a policy stays: terms change only in a draft, a simulation only before it is proposed, steps
never; and no version is put in force that was not approved."""

from importlib import import_module

from django.db import migrations

keep = import_module("cases.migrations.0002_guards").keep

GUARDS = """
DROP TRIGGER policy_terms_stay ON routing_policy;
CREATE TRIGGER policy_terms_stay
    BEFORE UPDATE OF product, number, terms, sha256, audit_secret, based_on_id, drafted_by_id, purpose
    ON routing_policy FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'tested')
        AND (OLD.product, OLD.number, OLD.terms, OLD.sha256, OLD.audit_secret, OLD.based_on_id, OLD.drafted_by_id,
             OLD.purpose)
        IS DISTINCT FROM
            (NEW.product, NEW.number, NEW.terms, NEW.sha256, NEW.audit_secret, NEW.based_on_id, NEW.drafted_by_id,
             NEW.purpose))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_simulation_stays BEFORE UPDATE OF simulation, simulation_sha256, proposed_by_id
    ON routing_policy FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'tested') AND NEW.status <> 'draft'
        AND (OLD.simulation, OLD.simulation_sha256, OLD.proposed_by_id)
        IS DISTINCT FROM (NEW.simulation, NEW.simulation_sha256, NEW.proposed_by_id))
    EXECUTE FUNCTION refuse_change();
CREATE FUNCTION guard_policy_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'draft>tested', 'tested>draft', 'tested>proposed', 'proposed>draft', 'proposed>scheduled', 'proposed>active',
        'scheduled>draft', 'scheduled>active', 'active>retired', 'retired>active'
    ]) THEN
        RAISE EXCEPTION 'policy %: no step leads from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
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
UNDO = """
DROP TRIGGER policy_terms_stay ON routing_policy;
CREATE TRIGGER policy_terms_stay BEFORE UPDATE OF product, number, terms, sha256, audit_secret, drafted_by_id
    ON routing_policy FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION refuse_change();
DROP TRIGGER policy_birth ON routing_policy;
DROP FUNCTION guard_policy_birth();
DROP TRIGGER policy_life ON routing_policy;
DROP FUNCTION guard_policy_life();
DROP TRIGGER policy_simulation_stays ON routing_policy;
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0003_policies_in_full")]

    operations = [keep("routing_policystep"), migrations.RunSQL(GUARDS, UNDO)]
