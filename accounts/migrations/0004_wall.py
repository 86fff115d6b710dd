"""Row-level security before what opens an account.

Rows are seen and written only by who acts for their person (`accounts.wall`). FORCE: the
application's role owns its tables. The policies ask a setting of the transaction, so that a pool of
connections carries nothing from one to the next. Whoever changes these rows in a later migration
says `SELECT set_config('labitory.person', 'everybody', true)` first.
"""

from django.db import migrations

TABLES = (
    "accounts_authenticator",
    "accounts_backupcode",
    "accounts_passkey",
    "accounts_passwordrecord",
    "accounts_trusteddevice",
)

UP = """
CREATE POLICY wall ON {table}
    USING (current_setting('labitory.person', true) IN (user_id::text, 'everybody'))
    WITH CHECK (current_setting('labitory.person', true) IN (user_id::text, 'everybody'));
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""

DOWN = """
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
DROP POLICY wall ON {table};
"""

# What every page asks of its reader, in the statement that loads them: whether there is a factor,
# not which. Runs with the caller's rights and looks at one person's rows. No SET clause: only a
# superuser could give it one for a setting of our own.
KINDS = """
CREATE FUNCTION accounts_factor_kinds(person bigint) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('labitory.person', true), '');
    kinds text[];
BEGIN
    PERFORM set_config('labitory.person', person::text, true);
    kinds := array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT FROM accounts_authenticator WHERE user_id = person AND confirmed
        ) THEN 'app' END,
        CASE WHEN EXISTS (
            SELECT FROM accounts_passkey WHERE user_id = person
        ) THEN 'passkey' END,
        CASE WHEN EXISTS (
            SELECT FROM accounts_backupcode WHERE user_id = person AND used_at IS NULL
        ) THEN 'backup_code' END
    ], NULL);
    PERFORM set_config('labitory.person', before, true);
    RETURN kinds;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_grants_version")]

    operations = [
        *(migrations.RunSQL(UP.format(table=table), DOWN.format(table=table)) for table in TABLES),
        migrations.RunSQL(KINDS, "DROP FUNCTION accounts_factor_kinds(bigint)"),
    ]
