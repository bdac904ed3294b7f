"""Verdicts and what they accepted are append-only: the database refuses to change or delete them, whoever asks.

A seller that leaves takes its record along, on purpose only: `SET LOCAL permitted.erasing = 'on'` in that transaction.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION compliance_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('permitted.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: correct a verdict by a new one that points at it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER compliance_verdict_stays BEFORE UPDATE OR DELETE ON compliance_verdict
    FOR EACH ROW EXECUTE FUNCTION compliance_append_only();
CREATE TRIGGER compliance_accepted_stays BEFORE UPDATE OR DELETE ON compliance_acceptedfinding
    FOR EACH ROW EXECUTE FUNCTION compliance_append_only();
"""
AGAIN_FREE = """
DROP TRIGGER compliance_verdict_stays ON compliance_verdict;
DROP TRIGGER compliance_accepted_stays ON compliance_acceptedfinding;
DROP FUNCTION compliance_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_told_of_every_case")]
    operations = [migrations.RunSQL(APPEND_ONLY, AGAIN_FREE)]
