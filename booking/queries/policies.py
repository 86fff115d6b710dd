"""Limits as people read them: all rows, and those that hold on one resource."""

from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from booking.enums import LIMIT_WORDS, Limit
from booking.models import BookingPolicy, Resource
from booking.queries.places import in_places, types_in_places
from labitory.lib.text import say_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The row that decides one limit for one role on one resource, or None: no limit is set."""

    role: Role
    policy: BookingPolicy | None

    @property
    def value(self) -> str:
        """What holds, in words."""
        return _("No limit") if self.policy is None else say_value(self.policy)

    @property
    def source(self) -> str:
        """Where it comes from, in words; '' where nothing is set."""
        return "" if self.policy is None else say_scope(self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitInForce:
    """One limit with what holds for each role."""

    limit: Limit
    by_role: tuple[InForce, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLimits:
    """What holds on a resource, and which of it is set on the resource itself."""

    in_force: tuple[LimitInForce, ...]
    own: tuple[BookingPolicy, ...]


def policy_rows(
    *, viewer: User, limit: str = "", role: str = "", word: str = ""
) -> "QuerySet[BookingPolicy]":
    """The rows that the viewer may set, by limit, the most specific first.

    Narrowed to a limit, a role and a name.
    """
    found = BookingPolicy.objects.select_related("resource", "resource_type")
    if own := in_places(viewer, "policy.manage"):
        found = found.filter(own | types_in_places(viewer, "policy.manage", kind="resource_type"))
    if limit in Limit.values:
        found = found.filter(limit=limit)
    if role in Role.values:
        found = found.filter(role__in=("", role))
    if word:
        found = found.filter(
            Q(resource__name__icontains=word) | Q(resource_type__name__icontains=word)
        )
    place = Case(
        *(When(limit=each, then=Value(number)) for number, each in enumerate(Limit)),
        output_field=IntegerField(),
    )
    return found.annotate(place=place).order_by(
        "place",
        F("resource__name").asc(nulls_last=True),
        F("resource_type__name").asc(nulls_last=True),
        "-role",
        "pk",
    )


def limits_in_force(resource: Resource) -> ResourceLimits:
    """Each limit for each role on this resource: the most specific row wins.

    A resource's own row before its type's before the lab's; within these a role's own before the
    one for everybody.
    """
    rows = list(
        BookingPolicy.objects.filter(
            Q(resource=resource)
            | Q(resource_type=resource.resource_type_id)
            | Q(resource=None, resource_type=None)
        ).select_related("resource", "resource_type")
    )
    rows.sort(key=lambda row: (row.resource_id is None, row.resource_type_id is None, not row.role))
    in_force = tuple(
        LimitInForce(
            limit=limit,
            by_role=tuple(InForce(role=role, policy=_first(rows, limit, role)) for role in Role),
        )
        for limit in Limit
    )
    own = (row for row in rows if row.resource_id is not None)
    return ResourceLimits(
        in_force=in_force,
        own=tuple(sorted(own, key=lambda row: (Limit.values.index(row.limit), row.role))),
    )


def _first(rows: list[BookingPolicy], limit: Limit, role: Role) -> BookingPolicy | None:
    return next((row for row in rows if row.limit == limit and row.role in ("", role)), None)


def say_value(policy: BookingPolicy) -> str:
    """A row's value in words: '2 hours', '3 bookings', 'No limit'."""
    if policy.value is None:
        return _("No limit")
    if LIMIT_WORDS[Limit(policy.limit)] == "bookings":
        words = ngettext("%(n)d booking", "%(n)d bookings", policy.value)
        return words % {"n": policy.value}
    return say_minutes(policy.value)


def say_scope(policy: BookingPolicy) -> str:
    """For whom and where a row holds: 'Students, on Confocal 1'."""
    where = _("everywhere")
    if policy.resource is not None:
        where = _("on %(name)s") % {"name": policy.resource.name}
    elif policy.resource_type is not None:
        where = _("on every %(name)s") % {"name": policy.resource_type.name}
    return _("%(who)s, %(where)s") % {"who": say_role(policy.role), "where": where}


def say_role(role: str) -> str:
    """For whom a row holds."""
    return str(Role(role).label) if role else _("Everybody")


def find_policy(pk: int) -> BookingPolicy | None:
    """One row with the place where it holds."""
    return BookingPolicy.objects.select_related("resource", "resource_type").filter(pk=pk).first()
