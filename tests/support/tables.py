"""What the database holds, in digests: to tell whether anything was written, wherever it is."""

from django.apps import apps
from django.db import connection

OURS = ("accounts", "audit", "booking")


def contents(*labels: str) -> dict[str, str]:
    """A digest of all rows of every table of these apps, or of all of ours."""
    tables = sorted(
        model._meta.db_table
        for label in labels or OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed
    )
    asked = " UNION ALL ".join(
        f"SELECT '{name}', md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), '')) "  # noqa: S608 - names of our own
        f"FROM {name} t"
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return dict(cursor.fetchall())


def changed(before: dict[str, str], *labels: str) -> list[str]:
    """The tables that hold something else than before."""
    after = contents(*labels)
    return [name for name in after if after[name] != before[name]]
