"""TRUNCATE does not empty the audit log or the security events, nor one month of them.

A trigger for rows never hears of TRUNCATE. The tests empty their own databases with it between
each other: their connections, and no others, are opened with the setting that allows it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('audit.truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: TRUNCATE is refused.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditlog
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate();
CREATE TRIGGER securityevent_no_truncate BEFORE TRUNCATE ON audit_securityevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate();
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_auditlog'::regclass LOOP
        EXECUTE format(
            'CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate()', part);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION audit_make_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name text := 'audit_auditlog_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF audit_auditlog FOR VALUES FROM (%L) TO (%L)',
        name, first::text || ' 00:00+00', (first + interval '1 month')::date::text || ' 00:00+00');
    -- Partitions do not inherit it.
    EXECUTE format(
        'CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate()', name);
    RETURN true;
END $$;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION audit_make_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name text := 'audit_auditlog_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF audit_auditlog FOR VALUES FROM (%L) TO (%L)',
        name, first::text || ' 00:00+00', (first + interval '1 month')::date::text || ' 00:00+00');
    RETURN true;
END $$;
DROP FUNCTION audit_refuse_truncate() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
