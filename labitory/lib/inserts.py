"""Writing the new rows of one act together: one way to the database instead of one a table."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Field, Model
from django.db.models.sql import InsertQuery


def insert_together(*groups: Sequence[Model]) -> None:
    """Insert new rows of several models in one statement, each group of one model.

    Foreign keys are checked at the commit, so that the order of the groups does not matter. A key
    is given beforehand or left to the database: it is not read back.
    """
    statements, values = [], []
    for rows in filter(None, groups):
        query = InsertQuery(type(rows[0]))
        query.insert_values(_fields(rows[0]), list(rows))
        [(text, found)] = query.get_compiler(connection=connection).as_sql()
        statements.append(text)
        values.extend(found)
    if not statements:
        return
    *others, last = statements
    named = ", ".join(f"together_{place} AS ({text})" for place, text in enumerate(others))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {named} {last}" if named else last, values)
    for rows in groups:
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


def _fields(row: Model) -> list["Field[object, object]"]:
    """The columns that are written: all but a key that the database gives."""
    fields = row._meta.concrete_fields
    return [each for each in fields if row.pk is not None or not each.primary_key]
