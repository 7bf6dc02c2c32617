"""What two people decided about a model stays: no model comes into force but the first of its product, one whose frozen
comparison somebody else than its proposer and trainer approved, or the one that the present champion replaced."""

from importlib import import_module

from django.db import migrations

keep = import_module("cases.migrations.0002_guards").keep

TRAINER = """
CREATE TRIGGER model_trainer_stays BEFORE UPDATE OF trained_by_id ON scoring_modelversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION guard_model_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A step is told when it is made: what came into force is judged by the steps of its own transaction.
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER model_step_is_told_now BEFORE INSERT ON scoring_modelstep
    FOR EACH ROW EXECUTE FUNCTION guard_model_step();
"""
UNDO_TRAINER = """
DROP TRIGGER model_step_is_told_now ON scoring_modelstep;
DROP FUNCTION guard_model_step();
DROP TRIGGER model_trainer_stays ON scoring_modelversion;
"""

LIFE = """
CREATE FUNCTION guard_model_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry scoring_modelstep%ROWTYPE;
    may boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'a model is born a candidate' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'candidate>champion', 'champion>retired', 'retired>champion'
    ]) THEN
        RAISE EXCEPTION 'model %: no step leads from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> 'champion' THEN
        RETURN NEW;
    END IF;
    SELECT * INTO entry FROM scoring_modelstep
    WHERE model_id = NEW.id AND name IN ('first', 'activate', 'roll_back') AND at >= transaction_timestamp()
    ORDER BY id DESC LIMIT 1;
    may := CASE entry.name
        WHEN 'first' THEN NOT EXISTS (
            SELECT 1 FROM scoring_modelversion
            WHERE product = NEW.product AND id <> NEW.id AND (promoted_at IS NOT NULL OR status = 'champion'))
        WHEN 'activate' THEN EXISTS (
            SELECT 1 FROM scoring_promotion p
            WHERE p.model_id = NEW.id AND p.status = 'promoted' AND p.id::text = entry.facts->>'promotion')
          AND 1 = (SELECT count(*) FROM scoring_modelstep s
            WHERE s.model_id = NEW.id AND s.name = 'activate'
            AND s.facts->>'promotion' = entry.facts->>'promotion')
        WHEN 'roll_back' THEN EXISTS (
            SELECT 1 FROM scoring_modelstep r
            WHERE r.name = 'retire' AND r.at >= transaction_timestamp() AND r.facts->>'for' = NEW.id::text
            AND 'activate>' || NEW.id = (
                SELECT e.name || '>' || coalesce(e.facts->>'instead_of', '') FROM scoring_modelstep e
                WHERE e.model_id = r.model_id AND e.name IN ('first', 'activate', 'roll_back')
                ORDER BY e.id DESC LIMIT 1))
        ELSE false END;
    IF NOT may THEN
        RAISE EXCEPTION 'model % comes into force by no promotion that two people made', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER model_life BEFORE UPDATE OF status ON scoring_modelversion FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION guard_model_life();
CREATE TRIGGER model_birth BEFORE INSERT ON scoring_modelversion FOR EACH ROW
    WHEN (NEW.status <> 'candidate') EXECUTE FUNCTION guard_model_life();
"""
UNDO_LIFE = """
DROP TRIGGER model_birth ON scoring_modelversion;
DROP TRIGGER model_life ON scoring_modelversion;
DROP FUNCTION guard_model_life();
"""

PROMOTION = """
CREATE FUNCTION guard_promotion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' OR NOT EXISTS (
            SELECT 1 FROM scoring_modelversion m JOIN scoring_modelversion a ON a.id = NEW.against_id
            WHERE m.id = NEW.model_id AND m.product = NEW.product AND a.product = NEW.product
            AND m.trained_by_id IS NOT DISTINCT FROM NEW.trained_by_id
            AND m.sha256 = NEW.comparison->'challenger'->>'sha256'
            AND a.sha256 = NEW.comparison->'champion'->>'sha256'
        ) THEN
            RAISE EXCEPTION 'a promotion is born proposed, with a comparison of its own two models'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.product, OLD.model_id, OLD.against_id, OLD.trained_by_id, OLD.comparison, OLD.comparison_sha256,
        OLD.proposed_by_id, OLD.proposed_at, OLD.note)
       IS DISTINCT FROM
       (NEW.product, NEW.model_id, NEW.against_id, NEW.trained_by_id, NEW.comparison, NEW.comparison_sha256,
        NEW.proposed_by_id, NEW.proposed_at, NEW.note)
       OR OLD.approved_by_id IS NOT NULL AND (OLD.approved_by_id, OLD.approved_at, OLD.starts_at)
          IS DISTINCT FROM (NEW.approved_by_id, NEW.approved_at, NEW.starts_at) THEN
        RAISE EXCEPTION 'promotion % keeps what was proposed and approved', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> NEW.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'proposed>returned', 'proposed>scheduled', 'proposed>promoted',
        'scheduled>returned', 'scheduled>promoted', 'scheduled>lapsed'
    ]) THEN
        RAISE EXCEPTION 'promotion %: no step leads from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'promoted' AND NEW.starts_at > clock_timestamp() THEN
        RAISE EXCEPTION 'promotion % starts later', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.approved_by_id IS NULL AND NEW.approved_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM scoring_modelstep s WHERE s.model_id = NEW.model_id AND s.name = 'approve'
        AND s.actor_id = NEW.approved_by_id AND s.facts->>'comparison_sha256' = NEW.comparison_sha256
        AND s.at >= transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'promotion % has no step that tells who approved it', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promotion_stays BEFORE INSERT OR UPDATE ON scoring_promotion
    FOR EACH ROW EXECUTE FUNCTION guard_promotion();
CREATE TRIGGER promotion_is_kept BEFORE DELETE ON scoring_promotion FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDO_PROMOTION = """
DROP TRIGGER promotion_is_kept ON scoring_promotion;
DROP TRIGGER promotion_stays ON scoring_promotion;
DROP FUNCTION guard_promotion();
"""

CHALLENGERS = """
CREATE FUNCTION guard_split() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.signed_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM scoring_modelversion m WHERE m.id = NEW.challenger_id
            AND m.trained_by_id IS NOT DISTINCT FROM NEW.trained_by_id
        ) THEN
            RAISE EXCEPTION 'a split is born unsigned' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.product, OLD.challenger_id, OLD.champion_id, OLD.share, OLD.secret, OLD.trained_by_id, OLD.asked_by_id,
        OLD.asked_at, OLD.reason)
       IS DISTINCT FROM
       (NEW.product, NEW.challenger_id, NEW.champion_id, NEW.share, NEW.secret, NEW.trained_by_id, NEW.asked_by_id,
        NEW.asked_at, NEW.reason)
       OR (OLD.signed_at IS NOT NULL OR OLD.stopped_at IS NOT NULL)
          AND (OLD.signed_by_id, OLD.signed_at) IS DISTINCT FROM (NEW.signed_by_id, NEW.signed_at)
       OR OLD.stopped_at IS NOT NULL AND (OLD.stopped_by_id, OLD.stopped_at, OLD.stop_reason)
          IS DISTINCT FROM (NEW.stopped_by_id, NEW.stopped_at, NEW.stop_reason) THEN
        RAISE EXCEPTION 'scoring_trafficsplit keeps what was asked, signed and stopped'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER split_stays BEFORE INSERT OR UPDATE ON scoring_trafficsplit
    FOR EACH ROW EXECUTE FUNCTION guard_split();
CREATE TRIGGER split_is_kept BEFORE DELETE ON scoring_trafficsplit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shadow_run_stays BEFORE UPDATE OF model_id, started_by_id, started_at, reason ON scoring_shadowrun
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shadow_run_stopped_stays BEFORE UPDATE ON scoring_shadowrun FOR EACH ROW
    WHEN (OLD.stopped_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shadow_run_is_kept BEFORE DELETE ON scoring_shadowrun FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDO_CHALLENGERS = """
DROP TRIGGER shadow_run_is_kept ON scoring_shadowrun;
DROP TRIGGER shadow_run_stopped_stays ON scoring_shadowrun;
DROP TRIGGER shadow_run_stays ON scoring_shadowrun;
DROP TRIGGER split_is_kept ON scoring_trafficsplit;
DROP TRIGGER split_stays ON scoring_trafficsplit;
DROP FUNCTION guard_split();
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_challengers")]

    operations = [
        keep("scoring_modelstep"),
        keep("scoring_shadowscore"),
        keep("scoring_splitarm"),
        migrations.RunSQL(TRAINER, UNDO_TRAINER),
        migrations.RunSQL(LIFE, UNDO_LIFE),
        migrations.RunSQL(PROMOTION, UNDO_PROMOTION),
        migrations.RunSQL(CHALLENGERS, UNDO_CHALLENGERS),
    ]
