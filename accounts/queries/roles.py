"""Reading roles: who holds which, who may do what, and why somebody may not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role, ScopeKind
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions.catalogue import Permission, permissions
from accounts.permissions.grants import Places, Where, may, places
from accounts.permissions.roles import can_give_role, can_revoke_role
from accounts.permissions.scopes import names_of, offered_places, say_place
from labitory.lib.http import lab_zone

NAMED = 5
_Wheres = Mapping[tuple[ScopeKind, int], Where]
PLACED = (ScopeKind.UNIT, ScopeKind.TYPE, ScopeKind.RESOURCE)

# A grant on a unit counts in the units within it, so one asks for the unit and all above.
HOLDERS = """
WITH RECURSIVE up AS (
    SELECT id, parent_id FROM accounts_unit WHERE id = ANY(%(units)s::bigint[])
    UNION
    SELECT u.id, u.parent_id FROM accounts_unit u JOIN up ON up.parent_id = u.id
)
SELECT DISTINCT g.user_id
FROM accounts_rolegrant g JOIN accounts_roledefinition r ON r.id = g.role_id
WHERE %(code)s = ANY(r.permissions) AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
    AND (g.scope_kind = 'everywhere'
        OR g.scope_kind = 'unit' AND g.scope_id IN (SELECT id FROM up)
        OR g.scope_kind = 'type' AND g.scope_id = ANY(%(types)s::bigint[])
        OR g.scope_kind = 'resource' AND g.scope_id = ANY(%(resources)s::bigint[]))
ORDER BY g.user_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLine:
    """A granted role as a page shows it."""

    grant: RoleGrant
    where: str
    may_revoke: bool

    @property
    def last_day(self) -> date | None:
        """The last day of the lab on which it counts; None without an end."""
        ends = self.grant.expires_at
        return None if ends is None else (ends - timedelta.resolution).astimezone(lab_zone()).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether somebody may do something there, what it takes, and whom to ask."""

    permission: Permission
    where: str
    allowed: bool
    granters: tuple[User, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A permission with where somebody has it, in words; empty for nowhere."""

    permission: Permission
    where: str


def holders(*, code: str, wheres: Iterable[Where], now: datetime) -> list[int]:
    """The keys of people who were granted a permission in one of these places, or everywhere."""
    asked = list(wheres)
    with connection.cursor() as cursor:
        cursor.execute(
            HOLDERS,
            {
                "code": code,
                "now": now,
                "units": [each.unit_id for each in asked if each.unit_id],
                "types": [each.type_id for each in asked if each.type_id],
                "resources": [each.resource_id for each in asked if each.resource_id],
            },
        )
        return [key for (key,) in cursor.fetchall()]


def viewed_person(pk: int) -> User | None:
    """The person as whom somebody looks, with what every page needs of its reader."""
    return User.objects.select_related("preferences").filter(pk=pk).first()


def roles_with_holders(*, now: datetime) -> "QuerySet[RoleDefinition]":
    """All roles with the number of their holders, those of the product first."""
    counts = Q(grants__expires_at=None) | Q(grants__expires_at__gt=now)
    return RoleDefinition.objects.annotate(
        holder_count=Count("grants__user", filter=counts, distinct=True)
    ).order_by("-is_builtin", "name")


def find_role(public_id: UUID) -> RoleDefinition | None:
    """A role by its public id."""
    return RoleDefinition.objects.filter(public_id=public_id).first()


def offered_roles(actor: User) -> list[RoleDefinition]:
    """The roles that the actor may grant in some place, by name."""
    own = _as_questions(places(actor, "role.grant"))
    return [
        role
        for role in RoleDefinition.objects.order_by("name")
        if any(can_give_role(actor, role, kind, where) for kind, where in own)
    ]


def grantable_places(actor: User) -> list[tuple[ScopeKind, list[tuple[int, str]]]]:
    """The places for which the actor may grant roles at all, by kind and name."""
    return [
        (
            kind,
            [
                (key, name)
                for key, name, where in offered_places(kind)
                if may(actor, "role.grant", where)
            ],
        )
        for kind in PLACED
    ]


def visible_grants(
    viewer: User, *, role: RoleDefinition | None = None, word: str = ""
) -> "QuerySet[RoleGrant]":
    """The granted roles in the places for which the viewer may grant, by person and role."""
    found = RoleGrant.objects.select_related("user", "role", "granted_by")
    if not (may(viewer, "role.grant") or may(viewer, "role.define")):
        here = Q(pk__in=())
        for kind, offered in grantable_places(viewer):
            here |= Q(scope_kind=kind, scope_id__in=[key for key, _name in offered])
        found = found.filter(here)
    if role is not None:
        found = found.filter(role=role)
    for part in word.replace("\x00", "").split()[:4]:
        found = found.filter(
            Q(user__first_name__icontains=part)
            | Q(user__last_name__icontains=part)
            | Q(user__username__icontains=part)
        )
    return found.order_by(
        "user__last_name", "user__first_name", "user__username", "role__name", "pk"
    )


def grant_lines(viewer: User, grants: Sequence[RoleGrant]) -> list[GrantLine]:
    """The granted roles with their places in words: a query a kind of place, however many."""
    names = {
        kind: names_of(
            kind, [each.scope_id for each in grants if each.scope_kind == kind and each.scope_id]
        )
        for kind in PLACED
    }
    wheres = _known_places(viewer, grants)
    return [
        GrantLine(
            grant=grant,
            where=_place(ScopeKind(grant.scope_kind), grant.scope_id, names),
            may_revoke=_may_revoke(viewer, grant, wheres),
        )
        for grant in grants
    ]


def own_grants(user: User, *, now: datetime) -> list[GrantLine]:
    """The roles that somebody holds now, besides their standing one."""
    found = user.role_grants.select_related("role", "granted_by").filter(
        Q(expires_at=None) | Q(expires_at__gt=now)
    )
    return grant_lines(user, list(found.order_by("role__name", "pk")))


def held_permissions(user: User) -> list[Held]:
    """Every permission with where the person has it."""
    held = {code: places(user, code) for code in permissions()}
    names = {
        kind: names_of(kind, frozenset[int]().union(*(_keys(each, kind) for each in held.values())))
        for kind in PLACED
    }
    return [
        Held(permission=permissions()[code], where=_say_places(each, names))
        for code, each in held.items()
    ]


def explain(*, user: User, code: str, where: Where | None, now: datetime) -> Explanation:
    """Whether the person may do it there, or without a place anywhere; and who could grant it."""
    permission = permissions()[code]
    return Explanation(
        permission=permission,
        where=_say_where(where) if permission.scoped and where else "",
        allowed=may(user, code, where) if where else bool(places(user, code)),
        granters=who_can_grant(permission, where, now=now),
    )


def who_can_grant(
    permission: Permission, where: Where | None, *, now: datetime
) -> tuple[User, ...]:
    """Some who hold the permission there and may grant roles: those of the lowest role first."""
    grants_roles = permissions()["role.grant"]
    asked = [where] if where else []
    keys = set(holders(code=permission.code, wheres=asked, now=now))
    keys &= set(holders(code="role.grant", wheres=asked, now=now))
    standing = [
        role
        for role in Role
        if all(each.least and role.rank >= each.least.rank for each in (permission, grants_roles))
    ]
    people = User.objects.filter(Q(pk__in=keys) | Q(role__in=standing), is_active=True)
    first = sorted(people[: 10 * NAMED], key=lambda each: (Role(each.role).rank, each.full_name))
    return tuple(first[:NAMED])


def _known_places(viewer: User, grants: Sequence[RoleGrant]) -> _Wheres:
    """Where each place lies, if the viewer's rights depend on it."""
    if may(viewer, "role.grant") or all(each.user_id == viewer.pk for each in grants):
        return {}
    return {(kind, key): where for kind in PLACED for key, _name, where in offered_places(kind)}


def _may_revoke(viewer: User, grant: RoleGrant, wheres: _Wheres) -> bool:
    where = wheres.get((ScopeKind(grant.scope_kind), grant.scope_id or 0))
    return can_revoke_role(viewer, grant, where)


def _place(kind: ScopeKind, key: int | None, names: Mapping[ScopeKind, Mapping[int, str]]) -> str:
    return say_place(kind, key, names.get(kind, {}))


def _say_where(where: Where) -> str:
    for kind in reversed(PLACED):
        if key := where.key(kind):
            return say_place(kind, key)
    return _("everywhere")


def _keys(held: Places, kind: ScopeKind) -> frozenset[int]:
    keys = {
        ScopeKind.UNIT: held.unit_ids,
        ScopeKind.TYPE: held.type_ids,
        ScopeKind.RESOURCE: held.resource_ids,
    }
    return keys[kind]


def _say_places(held: Places, names: Mapping[ScopeKind, Mapping[int, str]]) -> str:
    """In words; places that are gone are left out."""
    if held.everywhere:
        return _("everywhere")
    return ", ".join(
        say_place(kind, key, names[kind])
        for kind in PLACED
        for key in sorted(
            _keys(held, kind) & names[kind].keys(),
            key=lambda key: names[kind][key],
        )
    )


def _as_questions(held: Places) -> list[tuple[ScopeKind, Where | None]]:
    """The places that somebody holds, as questions to ask of a role."""
    found: list[tuple[ScopeKind, Where | None]] = []
    if held.everywhere:
        found = [(ScopeKind.EVERYWHERE, None)]
    found += [(ScopeKind.UNIT, Where(unit_id=key)) for key in sorted(held.unit_ids)]
    found += [(ScopeKind.TYPE, Where(type_id=key)) for key in sorted(held.type_ids)]
    found += [(ScopeKind.RESOURCE, Where(resource_id=key)) for key in sorted(held.resource_ids)]
    return found
