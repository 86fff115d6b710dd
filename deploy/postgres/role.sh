#!/bin/sh
# Runs once, when the database is made: the application's role owns it and is no superuser, so that
# row-level security holds for it (docs/adr/0010).
set -eu
psql --set ON_ERROR_STOP=1 --set password="$LABITORY_PASSWORD" --username "$POSTGRES_USER" <<'END'
CREATE ROLE labitory LOGIN PASSWORD :'password' NOSUPERUSER NOBYPASSRLS;
CREATE DATABASE labitory OWNER labitory;
END
