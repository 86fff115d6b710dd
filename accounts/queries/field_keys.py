"""Which encrypted columns there are, and what lies in them under older keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import CharField, Count, F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.wall import Opening, opened
from labitory.lib.crypto import EncryptedTextField, key_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """One column: how many of its values are under an older key, and under none that is there."""

    column: str
    older: int
    unreadable: int


def encrypted_fields() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    """Every encrypted column there is, in whatever app."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField) and not model._meta.proxy:
                yield model, field


def stored(model: type[Model], field: EncryptedTextField) -> "QuerySet[Any]":
    """The rows with the value as it lies in the database."""
    return model._base_manager.annotate(_stored=Cast(F(field.name), TextField()))


def older_values() -> list[Older]:
    """All columns, in one statement however many there are."""
    first, *others = (Q(_stored__startswith=f"{name}:") for name in key_names())
    known = first
    for other in others:
        known |= other
    counts = [
        stored(model, field)
        .exclude(_stored="")
        .filter(_stored__isnull=False)
        .order_by()
        .annotate(_column=Value(field.context, CharField()))
        .values("_column")
        .annotate(_older=Count("pk", filter=known & ~first), _unreadable=Count("pk", filter=~known))
        .values_list("_column", "_older", "_unreadable")
        for model, field in encrypted_fields()
    ]
    with opened(Opening.KEYS):
        found = {column: counted for column, *counted in counts[0].union(*counts[1:], all=True)}
    columns = [field.context for _model, field in encrypted_fields()]
    return [
        Older(column=each, older=found.get(each, (0, 0))[0], unreadable=found.get(each, (0, 0))[1])
        for each in columns
    ]
