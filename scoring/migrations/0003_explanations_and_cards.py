"""Explanations against two baselines, the cut-off and what causes doubt; the card of a model, which stays as it is."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

WITH_CARD = """
DROP TRIGGER model_stays ON scoring_modelversion;
CREATE TRIGGER model_stays BEFORE UPDATE OF product, number, recipe, sha256, dataset_sha256, feature_table,
    feature_table_sha256, library_versions, metrics, norms, cohort_norms, usual, card, trained_at
    ON scoring_modelversion FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
WITHOUT_CARD = """
DROP TRIGGER model_stays ON scoring_modelversion;
CREATE TRIGGER model_stays BEFORE UPDATE OF product, number, recipe, sha256, dataset_sha256, feature_table,
    feature_table_sha256, library_versions, metrics, norms, trained_at
    ON scoring_modelversion FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def names() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_guards")]

    operations = [
        migrations.AddField("modelversion", "cohort_norms", models.JSONField(default=dict)),
        migrations.AddField("modelversion", "usual", models.JSONField(default=dict)),
        migrations.AddField("modelversion", "card", models.JSONField(default=dict)),
        migrations.RunSQL(WITH_CARD, WITHOUT_CARD),
        migrations.AddField("assessment", "explanation_holds", models.BooleanField(default=True)),
        migrations.AddField("assessment", "cohort_base_value", models.FloatField(null=True)),
        migrations.AddField(
            "assessment",
            "cohort_contributions",
            django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None),
        ),
        migrations.AddField("assessment", "cut_off", models.FloatField(null=True)),
        migrations.AddField("assessment", "unreadable", names()),
        migrations.AddField("assessment", "stale", names()),
        migrations.AddField("assessment", "novel", names()),
        migrations.RemoveConstraint("assessment", "assessment_sum_is_right"),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(residual__gte=0) & (Q(residual__lte=1e-6) | Q(explanation_holds=False)),
                name="assessment_sum_is_right",
            ),
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(cut_off__isnull=True) | Q(cut_off__gte=0, cut_off__lt=1),
                name="assessment_cut_off_is_a_probability",
            ),
        ),
    ]
