"""What was written stays: routes never change, and a policy's terms never change once it was published."""

from importlib import import_module

from django.db import migrations

keep = import_module("cases.migrations.0002_guards").keep

PUBLISHED_STAYS = """
CREATE TRIGGER policy_terms_stay BEFORE UPDATE OF product, number, terms, sha256, audit_secret, drafted_by_id
    ON routing_policy FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_published_stays BEFORE DELETE
    ON routing_policy FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION refuse_change();
"""
UNDO = "DROP TRIGGER policy_published_stays ON routing_policy; DROP TRIGGER policy_terms_stay ON routing_policy;"


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial"), ("cases", "0002_guards")]

    operations = [keep("routing_route"), migrations.RunSQL(PUBLISHED_STAYS, UNDO)]
