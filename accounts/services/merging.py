"""Two accounts of one person become one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CASCADE, ForeignObjectRel
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.locks import lock_users
from accounts.models import User, UserProfile
from accounts.permissions import can_deactivate_user
from accounts.services._closing import write_active
from accounts.services._refusals import require
from accounts.wall import Opening, run_opened
from audit.services import record

# What opens an account ends with the one that is closed: the other is opened by its own alone.
_ENDED = frozenset(
    {
        "accounts.authenticator",
        "accounts.backupcode",
        "accounts.factorreset",
        "accounts.passkey",
        "accounts.passwordrecord",
        "accounts.session",
        "accounts.trusteddevice",
        "social_django.usersocialauth",
    }
)
# What is about the closed account itself. Granted roles stay behind: nobody gains rights by this.
_STAYS = frozenset(
    {
        "accounts.consent",
        "accounts.invitation.accepted_by",
        "accounts.privacyrequest",
        "accounts.registration.user",
        "accounts.rolegrant.user",
        "accounts.userpreferences",
        "accounts.userprofile",
    }
)
_FILLED = ("phone", "emergency_contact", "affiliation", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRows:
    """What became of the rows of one kind: moved, left out as doubles, or ended."""

    what: str
    moved: int = 0
    doubles: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge did, or would do; `is_written` says which."""

    keep: User
    lose: User
    rows: tuple[MergedRows, ...]
    is_written: bool


class _Undone(Exception):
    """Ends the transaction of a dry run."""

    def __init__(self, rows: list[MergedRows]) -> None:
        super().__init__()
        self.rows = rows


def merge_users(
    *, actor: User, keep: User, lose: User, now: datetime, reason: str = "", dry_run: bool = False
) -> Merge:
    """Give everything of one account to the other and close it: all of it or nothing.

    Passwords, second factors, sessions and granted roles do not move; the role of the account
    that stays is unchanged. A dry run does everything and undoes it. Nobody merges their own.
    """
    require(can_deactivate_user(actor, lose) and can_deactivate_user(actor, keep), "merge")
    if keep.pk == lose.pk:
        raise AccountRefused(code="merge.same", text=_("These are one account."), field="other")

    def work() -> list[MergedRows]:
        locked = {user.pk: user for user in lock_users([keep.pk, lose.pk])}
        if not locked[keep.pk].is_active:
            raise AccountRefused(
                code="merge.closed",
                text=_("The account that stays is closed: open it first."),
                field="other",
            )
        rows = [found for relation in _relations() if (found := _move(relation, keep, lose))]
        _fill_profile(keep, lose)
        write_active(locked[lose.pk], active=False, actor=actor, now=now, reason=reason)
        record(
            action="user.merged",
            actor=actor,
            target=keep,
            now=now,
            reason=reason,
            facts={
                "user": lose.full_name,
                "username": lose.username,
                "rows": {each.what: [each.moved, each.doubles, each.ended] for each in rows},
            },
        )
        if dry_run:
            raise _Undone(rows)
        return rows

    try:
        rows, is_written = run_opened(Opening.MERGING, work), True
    except _Undone as undone:
        rows, is_written = undone.rows, False
    return Merge(keep=keep, lose=lose, rows=tuple(rows), is_written=is_written)


def _relations() -> Iterator[ForeignObjectRel]:
    """Everything that refers to people, hidden relations included."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and (relation.one_to_many or relation.one_to_one):
            yield relation


def _move(relation: ForeignObjectRel, keep: User, lose: User) -> MergedRows | None:
    model: Any = relation.related_model
    name, label = relation.field.name, model._meta.label_lower
    if label in _STAYS or f"{label}.{name}" in _STAYS:
        return None
    rows = model._base_manager.filter(**{name: lose})
    what = f"{model._meta.verbose_name} ({relation.field.verbose_name})"
    if label in _ENDED and relation.field.name == "user":
        ended = rows.delete()[0]
        return MergedRows(what=what, ended=ended) if ended else None
    try:
        with transaction.atomic():
            moved = rows.update(**{name: keep})
        return MergedRows(what=what, moved=moved) if moved else None
    except IntegrityError:
        return _move_one_by_one(relation, keep, lose, what)


def _move_one_by_one(relation: ForeignObjectRel, keep: User, lose: User, what: str) -> MergedRows:
    """Some rows are there for both: the one of the account that stays is kept."""
    model: Any = relation.related_model
    name = relation.field.name
    moved = doubles = 0
    for row in model._base_manager.filter(**{name: lose}):
        own = model._base_manager.filter(pk=row.pk)
        try:
            with transaction.atomic():
                moved += own.update(**{name: keep})
        except IntegrityError as error:
            if relation.on_delete is not CASCADE:
                raise AccountRefused(
                    code="merge.contradiction",
                    text=_("%(what)s of both contradict one another: %(row)s.")
                    % {"what": what, "row": row},
                ) from error
            own.delete()
            doubles += 1
    return MergedRows(what=what, moved=moved, doubles=doubles)


def _fill_profile(keep: User, lose: User) -> None:
    """What the profile that stays lacks comes from the other."""
    own, other = UserProfile.objects.get(user=keep), UserProfile.objects.get(user=lose)
    missing = [name for name in _FILLED if not getattr(own, name) and getattr(other, name)]
    for name in missing:
        setattr(own, name, getattr(other, name))
    if missing:
        own.save(update_fields=missing)
