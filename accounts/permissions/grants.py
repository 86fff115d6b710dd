"""May somebody do something: by their role, by being a superuser, or by a granted role."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db import connection

from accounts.enums import Role, ScopeKind
from accounts.models import User
from accounts.permissions.catalogue import Permission, permissions

# Longer than this nothing is kept, whatever its end.
_LONGEST = 300
_MEMO = "_granted"

# A grant on a unit covers the units within it: three levels at most. What is past is asked of the
# statement's time, not the transaction's: a long one would keep what ended meanwhile.
GRANTS = """
WITH RECURSIVE own AS (
    SELECT g.scope_kind, g.scope_id, g.expires_at, r.permissions, r.code
    FROM accounts_rolegrant g JOIN accounts_roledefinition r ON r.id = g.role_id
    WHERE g.user_id = %s AND (g.expires_at IS NULL OR g.expires_at > statement_timestamp())
), units AS (
    SELECT scope_id AS top, scope_id AS id FROM own WHERE scope_kind = 'unit'
    UNION
    SELECT units.top, u.id FROM units JOIN accounts_unit u ON u.parent_id = units.id
)
SELECT scope_kind,
       CASE WHEN scope_kind = 'unit'
            THEN (SELECT array_agg(units.id) FROM units WHERE units.top = own.scope_id)
            ELSE array_remove(ARRAY[scope_id], NULL) END,
       permissions, expires_at,
       EXTRACT(EPOCH FROM expires_at - statement_timestamp())::float8
FROM own ORDER BY code, scope_kind, scope_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What an act is about: a resource with its type and unit, or only some of these."""

    resource_id: int | None = None
    type_id: int | None = None
    unit_id: int | None = None

    def key(self, kind: ScopeKind) -> int | None:
        """The key that a grant of this kind would have to name."""
        keys = {
            ScopeKind.UNIT: self.unit_id,
            ScopeKind.TYPE: self.type_id,
            ScopeKind.RESOURCE: self.resource_id,
        }
        return keys.get(kind)


@dataclass(frozen=True, slots=True)
class Granted:
    """One granted role as it counts now: permissions, the keys it covers, and its end."""

    kind: ScopeKind
    keys: frozenset[int]
    permissions: frozenset[str]
    expires_at: datetime | None = None

    def gives(self, permission: Permission) -> bool:
        """Whether it brings the permission: one that knows no places comes from everywhere only."""
        return permission.code in self.permissions and (
            permission.scoped or self.kind == ScopeKind.EVERYWHERE
        )

    def covers(self, where: Where | None) -> bool:
        """Whether the grant counts there; without a place only a grant for everywhere does."""
        if self.kind == ScopeKind.EVERYWHERE:
            return True
        return where is not None and where.key(self.kind) in self.keys


@dataclass(frozen=True, slots=True)
class Places:
    """Where somebody may do something: everywhere, or on what these keys name."""

    everywhere: bool = False
    unit_ids: frozenset[int] = field(default_factory=frozenset)
    type_ids: frozenset[int] = field(default_factory=frozenset)
    resource_ids: frozenset[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.unit_ids or self.type_ids or self.resource_ids)


def may(user: User, code: str, where: Where | None = None) -> bool:
    """Whether the person may do it, there. Costs no query once their grants are known.

    `code` is one of the declared permissions; an unknown one is a KeyError, never a silent no.
    """
    permission = permissions()[code]
    if not user.is_active:
        return False
    if has_by_standing(user, permission):
        return True
    return any(each.gives(permission) and each.covers(where) for each in granted(user))


def places(user: User, code: str) -> Places:
    """Where the person may do it, for lists: one condition of a query, however many roles."""
    permission = permissions()[code]
    if not user.is_active:
        return Places()
    if has_by_standing(user, permission):
        return Places(everywhere=True)
    own = [each for each in granted(user) if each.gives(permission)]
    if any(each.kind == ScopeKind.EVERYWHERE for each in own):
        return Places(everywhere=True)
    return Places(
        unit_ids=_keys(own, ScopeKind.UNIT),
        type_ids=_keys(own, ScopeKind.TYPE),
        resource_ids=_keys(own, ScopeKind.RESOURCE),
    )


def has_by_standing(user: User, permission: Permission) -> bool:
    """Whether the person's own role brings it everywhere, as a superuser's does with all."""
    return user.is_superuser or (
        permission.least is not None and Role(user.role).rank >= permission.least.rank
    )


def granted(user: User) -> Sequence[Granted]:
    """The granted roles that count now, from the request's memory, the cache or the database."""
    if not user.grants_version:
        # Nobody ever granted them anything: the database raises the number with the first grant.
        return ()
    memo: tuple[int, Sequence[Granted]] | None = getattr(user, _MEMO, None)
    if memo is None or memo[0] != user.grants_version:
        memo = (user.grants_version, _kept_or_loaded(user))
        setattr(user, _MEMO, memo)
    return memo[1]


def rights_key(user: User) -> Hashable:
    """What all answers about a person's rights follow from: equal keys, equal answers."""
    return user.pk, user.is_active, user.is_superuser, user.role, tuple(granted(user))


def _kept_or_loaded(user: User) -> Sequence[Granted]:
    # The version is in the key: who reads while a grant is changed keeps the old under the old
    # key, and nobody asks for that again.
    key = f"grants-{user.pk}-{user.grants_version}"
    found: Sequence[Granted] | None = cache.get(key)
    if found is None:
        found, seconds = _load(user.pk)
        if seconds:
            cache.set(key, found, seconds)
    return found


def _keys(own: Iterable[Granted], kind: ScopeKind) -> frozenset[int]:
    return frozenset(key for each in own if each.kind == kind for key in each.keys)


def _load(user_id: int) -> tuple[list[Granted], int]:
    """The grants, and for how many whole seconds they stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTS, [user_id])
        rows = cursor.fetchall()
    ends = [seconds for *_rest, seconds in rows if seconds is not None]
    found = [
        Granted(ScopeKind(kind), frozenset(keys or ()), frozenset(codes), expires_at)
        for kind, keys, codes, expires_at, _seconds in rows
    ]
    return found, int(min([*ends, _LONGEST]))
