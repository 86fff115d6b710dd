"""A condition that an index can answer, where others stand beside it with OR."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet


def among(field: str, keys: "QuerySet[Any, Any]") -> Q:
    """The field is one of a few keys, which are read first.

    Beside an OR, `IN (SELECT …)` makes the database read the whole table; `= ANY` of an array that
    was read before does not.
    """
    array = ArraySubquery(keys.order_by())
    return Q(
        Func(
            F(field),
            array,
            template="(%(expressions)s))",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )
