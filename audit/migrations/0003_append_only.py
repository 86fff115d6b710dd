"""Security events are never changed, and deleted only by the retention."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('audit.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Security events are append-only: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER securityevent_append_only BEFORE UPDATE OR DELETE ON audit_securityevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_event_change();
"""

BACKWARD = """
DROP TRIGGER securityevent_append_only ON audit_securityevent;
DROP FUNCTION audit_refuse_event_change();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_security")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
