"""A person's version rises whatever changes what they were granted, and never falls."""

from django.db import migrations

# The numbers come from a sequence: a transaction that is rolled back uses its number up, so that
# what was cached under it while it was open is never found again.
RISE = """
CREATE SEQUENCE accounts_grants_version AS integer;

CREATE FUNCTION accounts_raise_grants_version(people bigint[]) RETURNS void AS $$
BEGIN
    -- In the order of the keys, as everybody locks people.
    PERFORM id FROM accounts_user WHERE id = ANY(people) ORDER BY id FOR NO KEY UPDATE;
    UPDATE accounts_user SET grants_version = nextval('accounts_grants_version')
    WHERE id = ANY(people);
END $$ LANGUAGE plpgsql;

CREATE FUNCTION accounts_rolegrant_changed() RETURNS trigger AS $$
BEGIN
    PERFORM accounts_raise_grants_version(CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.user_id]
        WHEN 'DELETE' THEN ARRAY[OLD.user_id]
        ELSE ARRAY[OLD.user_id, NEW.user_id] END);
    RETURN NULL;
END $$ LANGUAGE plpgsql;

CREATE TRIGGER rolegrant_raises_version AFTER INSERT OR UPDATE OR DELETE ON accounts_rolegrant
FOR EACH ROW EXECUTE FUNCTION accounts_rolegrant_changed();

CREATE FUNCTION accounts_roledefinition_changed() RETURNS trigger AS $$
BEGIN
    PERFORM accounts_raise_grants_version(
        ARRAY(SELECT user_id FROM accounts_rolegrant WHERE role_id = NEW.id));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

CREATE TRIGGER roledefinition_raises_version AFTER UPDATE OF permissions
ON accounts_roledefinition FOR EACH ROW
WHEN (OLD.permissions IS DISTINCT FROM NEW.permissions)
EXECUTE FUNCTION accounts_roledefinition_changed();

-- A grant on a unit covers the units within it: the tree is part of what was granted.
CREATE FUNCTION accounts_unit_moved() RETURNS trigger AS $$
BEGIN
    PERFORM accounts_raise_grants_version(
        ARRAY(SELECT user_id FROM accounts_rolegrant WHERE scope_kind = 'unit'));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

CREATE TRIGGER unit_raises_version AFTER INSERT OR DELETE OR UPDATE OF parent_id
ON accounts_unit FOR EACH STATEMENT EXECUTE FUNCTION accounts_unit_moved();

-- Whoever writes a whole person back writes the version they once read.
CREATE FUNCTION accounts_keep_grants_version() RETURNS trigger AS $$
BEGIN
    NEW.grants_version := GREATEST(OLD.grants_version, NEW.grants_version);
    RETURN NEW;
END $$ LANGUAGE plpgsql;

CREATE TRIGGER user_keeps_version BEFORE UPDATE ON accounts_user
FOR EACH ROW WHEN (NEW.grants_version < OLD.grants_version)
EXECUTE FUNCTION accounts_keep_grants_version();
"""

REST = """
DROP TRIGGER user_keeps_version ON accounts_user;
DROP TRIGGER unit_raises_version ON accounts_unit;
DROP TRIGGER roledefinition_raises_version ON accounts_roledefinition;
DROP TRIGGER rolegrant_raises_version ON accounts_rolegrant;
DROP FUNCTION accounts_keep_grants_version();
DROP FUNCTION accounts_unit_moved();
DROP FUNCTION accounts_roledefinition_changed();
DROP FUNCTION accounts_rolegrant_changed();
DROP FUNCTION accounts_raise_grants_version(bigint[]);
DROP SEQUENCE accounts_grants_version;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people")]
    operations = [migrations.RunSQL(RISE, REST)]
