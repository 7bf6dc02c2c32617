"""What the database holds of labels and sets: whose outcome there can be, what a set may hold, and that nothing changes."""

from importlib import import_module

from django.db import migrations, models

keep = import_module("cases.migrations.0002_guards").keep

FUNCTIONS = """
CREATE FUNCTION guard_label() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    explored boolean := coalesce((SELECT is_exploration FROM routing_route WHERE case_id = NEW.case_id
                                  ORDER BY id DESC LIMIT 1), false);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_case WHERE id = NEW.case_id AND outcome = 'approve') THEN
        RAISE EXCEPTION 'label: case % was not approved, a decision is no outcome', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.source = 'exploration' AND NOT explored OR NEW.source = 'outcome' AND explored THEN
        RAISE EXCEPTION 'label: whether case % was explored is on record', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_set_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM learning_label l JOIN cases_case c ON c.id = l.case_id
        JOIN learning_trainingset s ON s.id = NEW.dataset_id
        WHERE l.id = NEW.label_id AND l.source IN ('outcome', 'exploration') AND l.exclusion = ''
        AND l.is_bad IS NOT NULL AND c.product = s.product AND l.recorded_at <= s.as_of
    ) THEN
        RAISE EXCEPTION 'training set: label % is no matured outcome of its product and time', NEW.label_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER label_of_a_loan BEFORE INSERT ON learning_label FOR EACH ROW
    WHEN (NEW.source IN ('outcome', 'early_bad', 'immature_good', 'exploration')) EXECUTE FUNCTION guard_label();
CREATE TRIGGER set_row_is_an_outcome BEFORE INSERT ON learning_trainingsetrow FOR EACH ROW
    EXECUTE FUNCTION guard_set_row();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("learning", "0005_labels_and_sets"),
        ("cases", "0015_notices_without_a_case"),
        ("routing", "0006_duty"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='label',
            constraint=models.UniqueConstraint(condition=models.Q(('is_bad__isnull', False), ('source__in', ('outcome', 'early_bad', 'immature_good', 'exploration'))), fields=('case', 'observed_at'), name='label_one_outcome_a_case_and_time'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_bad__isnull', False), ('source__in', ['outcome', 'early_bad', 'immature_good', 'exploration', 'inferred']), ('review__isnull', True), ('second_look__isnull', True), ('signature__isnull', True)), models.Q(('is_bad__isnull', True), ('review__isnull', False), ('source', 'decision'), ('second_look__isnull', True), ('signature__isnull', True)), models.Q(('is_bad__isnull', True), ('signature__isnull', False), ('source', 'signature'), ('review__isnull', True), ('second_look__isnull', True)), models.Q(('is_bad__isnull', True), ('second_look__isnull', False), ('source', 'blind_review'), ('review__isnull', True), ('signature__isnull', True)), _connector='OR'), name='label_only_repayment_says_bad'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(('is_agreed', False), models.Q(('blind_agreeing__gte', 2), ('source', 'blind_review')), _connector='OR'), name='label_agreed_by_two_blind_people'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source__in', ('outcome', 'exploration')), models.Q(('exclusion__in', ['early_bad', 'immature']), _negated=True)), models.Q(models.Q(('source__in', ('outcome', 'exploration')), _negated=True), models.Q(('exclusion', ''), _negated=True)), _connector='OR'), name='label_excluded_unless_matured'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', 'unknown'), ('propensity__isnull', True)), models.Q(('propensity__gt', 0), ('propensity__isnull', False), ('propensity__lte', 1), ('source__in', ('outcome', 'early_bad', 'immature_good', 'exploration')), models.Q(('basis', 'unknown'), _negated=True)), _connector='OR'), name='label_propensity_is_a_chance'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source__in', ('outcome', 'early_bad', 'immature_good', 'exploration')), _negated=True), models.Q(('window_from__isnull', False), ('window_until__gt', models.F('window_from')), ('window_until__isnull', False), ('maturity__gte', 0), ('maturity__isnull', False), ('maturity__lte', 1)), _connector='OR'), name='label_outcome_has_its_window'),
        ),
        migrations.AddConstraint(
            model_name='labelweights',
            constraint=models.CheckConstraint(condition=models.Q(('exploration__gt', 0), ('exploration__lte', 10), ('outcome__gt', 0), ('outcome__lte', 10)), name='label_weights_of_outcomes'),
        ),
        migrations.AddConstraint(
            model_name='labelweights',
            constraint=models.CheckConstraint(condition=models.Q(('inferred__gte', 0), ('inferred__lte', 0.3)), name='label_weights_trust_inference_little'),
        ),
        migrations.AddConstraint(
            model_name='labelweights',
            constraint=models.CheckConstraint(condition=models.Q(('cap__gte', 1), ('cap__lte', 1000)), name='label_weights_cap'),
        ),
        migrations.AddConstraint(
            model_name='labelweights',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='label_weights_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='setbuild',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'building'])), fields=('product',), name='set_build_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='setbuild',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('product',), name='set_build_one_proposal_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='setbuild',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proposed_at__isnull', False), ('state', 'proposed')), ('asked_by__isnull', False), _connector='OR'), name='set_build_asked_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='setbuild',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('dataset__isnull', False), _connector='OR'), name='set_build_done_gives_a_set'),
        ),
        migrations.AddConstraint(
            model_name='trainingsetrow',
            constraint=models.UniqueConstraint(fields=('dataset', 'label'), name='training_set_row_once'),
        ),
        migrations.AddConstraint(
            model_name='trainingsetrow',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='training_set_row_weighs_something'),
        ),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION guard_set_row(); DROP FUNCTION guard_label();"),
        migrations.RunSQL(
            TRIGGERS,
            "DROP TRIGGER set_row_is_an_outcome ON learning_trainingsetrow;"
            "DROP TRIGGER label_of_a_loan ON learning_label;",
        ),
        keep("learning_labelweights"),
        keep("learning_trainingsetrow"),
    ]
