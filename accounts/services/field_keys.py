"""Moving what is kept encrypted to the current key, so that an old one can be thrown away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from accounts.models import User
from accounts.queries.field_keys import encrypted_fields, stored
from accounts.wall import Opening, opened, run_opened
from audit.services import record
from labitory.lib.crypto import CannotDecrypt, EncryptedTextField, decrypt, key_names

BATCH = 200


@dataclass(slots=True, kw_only=True)
class Rotated:
    """What became of one column; `unreadable` values are of a key that is not there any more."""

    column: str
    moved: int = 0
    changed_meanwhile: int = 0
    unreadable: int = 0


Tell = Callable[[Rotated], None]


def rotate_keys(
    *,
    now: datetime,
    dry_run: bool = False,
    batch: int = BATCH,
    tell: Tell | None = None,
    actor: User | None = None,
    most: int | None = None,
) -> list[Rotated]:
    """Encrypt every value that is not under the first of the keys anew; all others stay as is.

    With `most` it stops after about so many, for who waits for a page.

    Each batch is a transaction of its own: after an interruption the next run goes on with what
    is left. A value that somebody changes meanwhile is theirs, and under the first key already.
    `tell` hears how far it is after each batch; a dry run only counts.
    """
    found = []
    for model, field in encrypted_fields():
        column = Rotated(column=field.context)
        found.append(column)
        last: Any = None
        while rows := _batch(model, field, last, batch):
            last = rows[-1][0]
            _rotate(model, field, rows, column, None if dry_run else now, actor)
            if tell is not None:
                tell(column)
            if most is not None and sum(each.moved for each in found) >= most:
                return found
    return found


def _batch(
    model: type[Model], field: EncryptedTextField, last: object, size: int
) -> list[tuple[Any, str]]:
    rows = stored(model, field).exclude(_stored="").filter(_stored__isnull=False)
    rows = rows.exclude(_stored__startswith=f"{key_names()[0]}:")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    with opened(Opening.KEYS):
        return list(rows.order_by("pk").values_list("pk", "_stored")[:size])


def _rotate(
    model: type[Model],
    field: EncryptedTextField,
    rows: list[tuple[Any, str]],
    column: Rotated,
    now: datetime | None,
    actor: User | None,
) -> None:
    """One batch, all or nothing; without `now` it is only counted."""
    texts: dict[Any, tuple[str, str]] = {}
    for pk, value in rows:
        try:
            texts[pk] = value, decrypt(value, context=field.context)
        except CannotDecrypt:
            column.unreadable += 1
    if now is None:
        column.moved += len(texts)
        return

    def work() -> int:
        moved = sum(
            stored(model, field).filter(pk=pk, _stored=value).update(**{field.name: text})
            for pk, (value, text) in texts.items()
        )
        if moved:
            record(
                action="keys.rotated",
                actor=actor,
                target=ContentType.objects.get_for_model(model),
                now=now,
                facts={"rows": moved, "name": key_names()[0], "column": field.context},
            )
        return moved

    moved = run_opened(Opening.KEYS, work)
    column.moved += moved
    column.changed_meanwhile += len(texts) - moved
