"""What was written stays: assessments never change, and a model version only changes its standing."""

from importlib import import_module

from django.db import migrations

keep = import_module("cases.migrations.0002_guards").keep

MODEL_STAYS = """
CREATE TRIGGER model_stays BEFORE UPDATE OF product, number, recipe, sha256, dataset_sha256, feature_table,
    feature_table_sha256, library_versions, metrics, norms, trained_at
    ON scoring_modelversion FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER model_is_kept BEFORE DELETE ON scoring_modelversion FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDO = "DROP TRIGGER model_is_kept ON scoring_modelversion; DROP TRIGGER model_stays ON scoring_modelversion;"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("cases", "0002_guards")]

    operations = [keep("scoring_assessment"), migrations.RunSQL(MODEL_STAYS, UNDO)]
