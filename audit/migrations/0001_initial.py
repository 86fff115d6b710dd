"""The audit log, partitioned by month, with a trigger that refuses UPDATE and DELETE."""

import django.contrib.postgres.indexes
from django.db import migrations, models

FORWARD = """
CREATE SEQUENCE audit_auditlog_id_seq;
CREATE TABLE audit_auditlog (
    id bigint NOT NULL DEFAULT nextval('audit_auditlog_id_seq'),
    at timestamptz NOT NULL,
    action varchar(60) NOT NULL,
    actor_id bigint NULL,
    actor_name varchar(200) NOT NULL,
    object_type varchar(60) NOT NULL,
    object_id varchar(60) NOT NULL,
    object_name varchar(200) NOT NULL,
    changes jsonb NOT NULL,
    facts jsonb NOT NULL,
    reason varchar(500) NOT NULL,
    request_id varchar(64) NOT NULL,
    address inet NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE audit_auditlog_id_seq OWNED BY audit_auditlog.id;
CREATE INDEX audit_object ON audit_auditlog (object_type, object_id, at DESC);
CREATE INDEX audit_actor ON audit_auditlog (actor_id, at DESC);
CREATE INDEX audit_changes ON audit_auditlog USING gin (changes jsonb_path_ops);
CREATE INDEX audit_at_brin ON audit_auditlog USING brin (at);

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditlog
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();

-- A record is never lost for want of its month: what has no partition yet lands here.
CREATE TABLE audit_auditlog_rest PARTITION OF audit_auditlog DEFAULT;

CREATE FUNCTION audit_make_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
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
SELECT audit_make_partition((now() AT TIME ZONE 'UTC' + n * interval '1 month')::date)
    FROM generate_series(0, 3) n;
"""

BACKWARD = """
DROP TABLE audit_auditlog;
DROP FUNCTION audit_refuse_change();
DROP FUNCTION audit_make_partition(date);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name="AuditLog",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="when")),
                        ("action", models.CharField(max_length=60, verbose_name="action")),
                        ("actor_id", models.BigIntegerField(null=True)),
                        (
                            "actor_name",
                            models.CharField(blank=True, max_length=200, verbose_name="who"),
                        ),
                        (
                            "object_type",
                            models.CharField(max_length=60, verbose_name="kind of object"),
                        ),
                        ("object_id", models.CharField(max_length=60)),
                        ("object_name", models.CharField(max_length=200, verbose_name="object")),
                        ("changes", models.JSONField(default=dict, verbose_name="changes")),
                        ("facts", models.JSONField(default=dict)),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=500, verbose_name="reason"),
                        ),
                        ("request_id", models.CharField(blank=True, max_length=64)),
                        ("address", models.GenericIPAddressField(null=True)),
                    ],
                    options={
                        "verbose_name": "audit record",
                        "ordering": ["-at", "-id"],
                        "indexes": [
                            models.Index(
                                fields=["object_type", "object_id", "-at"], name="audit_object"
                            ),
                            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["changes"],
                                name="audit_changes",
                                opclasses=["jsonb_path_ops"],
                            ),
                            django.contrib.postgres.indexes.BrinIndex(
                                fields=["at"], name="audit_at_brin"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
