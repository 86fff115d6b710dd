"""Gathering what the rules may know: one query for the resources, one for their time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from accounts.permissions import may
from booking.enums import LIVE, ClaimKind, Limit
from booking.models import Booking, Resource
from booking.permissions import can_view_all_bookings
from booking.queries._care_sql import CARE
from booking.queries._facts_parts import (
    AccountKey,
    approval_facts,
    assessment_facts,
    course_facts,
    fault_facts,
    json_of,
    price_facts,
    project_facts,
    quota_facts,
)
from booking.queries._facts_sql import RESOURCES, TIME
from booking.queries._open_hours import Hours, periods_of
from booking.queries._quota_accounts import load_accounts
from booking.rules.request import (
    AccountFacts,
    BookingRequest,
    Claim,
    LinkedResource,
    OwnBooking,
    Person,
    ResourceFacts,
)
from booking.rules.shares import is_over_quota
from labitory.lib.periods import Period, local_week

# How far beyond the asked period opening hours are worked out for the text of a refusal.
_AROUND = timedelta(days=1)
_LONGEST = timedelta(days=367)
_LAST_YEAR = 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFacts:
    """Who has which time: the user's own bookings, and the claims on each resource."""

    window: Period
    own: tuple[OwnBooking, ...]
    claims: dict[int, tuple[Claim, ...]]
    # What is on the accounts of the quotas that count any of the resources.
    accounts: dict[AccountKey, tuple[AccountFacts, ...]] = field(default_factory=dict)


def person(user: User) -> Person:
    """A user as rules see them."""
    return Person(id=user.pk, name=user.full_name, role=Role(user.role))


def load_resources(
    *,
    user: User,
    window: Period,
    now: datetime,
    public_ids: Sequence[UUID],
    project_id: UUID | None = None,
) -> list[Resource]:
    """The resources of these ids with all that their rules need, in one query, by key."""
    where = "r.public_id = ANY(%(ids)s)"
    return _load(where, list(public_ids), user, window, now, project_id)


def load_with_similar(
    *,
    user: User,
    window: Period,
    now: datetime,
    public_id: UUID,
    project_id: UUID | None = None,
) -> list[Resource]:
    """A resource, and the active ones of its type for offers of another, in one query."""
    where = """r.public_id = ANY(%(ids)s) OR (r.is_active AND r.resource_type_id = (
        SELECT t.resource_type_id FROM booking_resource t WHERE t.public_id = ANY(%(ids)s)))"""
    return _load(where, [public_id], user, window, now, project_id)


def load_pool(
    *,
    user: User,
    window: Period,
    now: datetime,
    pool_id: UUID,
    project_id: UUID | None = None,
) -> list[Resource]:
    """The active members of a pool."""
    where = """r.is_active AND r.id IN (
        SELECT m.resource_id FROM booking_resourcepool_resources m
        JOIN booking_resourcepool p ON p.id = m.resourcepool_id WHERE p.public_id = ANY(%(ids)s))"""
    return _load(where, [pool_id], user, window, now, project_id)


def _load(
    where: str,
    ids: list[Any],
    user: User,
    window: Period,
    now: datetime,
    project_id: UUID | None,
) -> list[Resource]:
    return list(
        Resource.objects.raw(
            RESOURCES.format(where=where, care=CARE),
            {
                "ids": ids,
                "user": user.pk,
                "role": user.role,
                "now": now,
                "project": project_id,
                "currency": settings.LAB_CURRENCY,
                "first_day": (window.start - timedelta(days=2)).date(),
                "last_day": (window.end + timedelta(days=2)).date(),
            },
        )
    )


def load_time(
    *,
    resources: Iterable[Resource],
    actor: User,
    user: User,
    window: Period,
    now: datetime,
    others: Sequence[Resource] = (),
    others_window: Period | None = None,
    existing: Booking | None = None,
    moved: Sequence[int] = (),
) -> TimeFacts:
    """The user's live bookings and the claims on the resources and their links, in one query.

    Own bookings reach from the week of the window, or now, into all the future, because limits
    count them. Of `others` only the claims in their own, shorter window are read. Where quotas
    count any of the resources, another query reads their accounts, without what the `existing`
    booking that shall be moved has on them. Those `moved` in one act are known nowhere.
    """
    chosen = list(resources)
    windows = {key: others_window or window for each in others for key in _claimed_keys(each)}
    windows |= {key: window for each in chosen for key in _claimed_keys(each)}
    starts = [local_week(window.start, each.zone).start for each in chosen]
    rows = _time_rows(user, windows, now=now, own_from=min([now, window.start, *starts]))
    # Of what is linked the type and unit are not known here: its names show to who sees all of it.
    seen = {each.pk for each in (*chosen, *others) if can_view_all_bookings(actor, each)}
    sees_all = may(actor, "booking.view_all")
    own: list[OwnBooking] = []
    claims: dict[int, list[Claim]] = {}
    for what, key, resource_id, start, end, *rest in rows:
        if key in moved:
            continue
        if what == "own":
            own.append(_own(key, resource_id, Period(start, end), rest))
        else:
            known = sees_all or resource_id in seen
            claim = _claim(key, Period(start, end), rest, actor, known=known)
            claims.setdefault(resource_id, []).append(claim)
    return TimeFacts(
        window=window,
        own=tuple(own),
        claims={key: tuple(found) for key, found in claims.items()},
        accounts=load_accounts((*chosen, *others), window=window, existing=existing, moved=moved),
    )


def _time_rows(
    user: User, windows: Mapping[int, Period], *, now: datetime, own_from: datetime
) -> list[tuple[Any, ...]]:
    keys = sorted(windows)
    with connection.cursor() as cursor:
        cursor.execute(
            TIME,
            {
                "user": user.pk,
                "live": list(LIVE),
                "now": now,
                "own_from": own_from,
                "resources": keys,
                "starts": [windows[key].start for key in keys],
                "ends": [windows[key].end for key in keys],
            },
        )
        return list(cursor.fetchall())


def _own(key: int, resource_id: int, period: Period, rest: list[Any]) -> OwnBooking:
    type_id, _seat, name, *_of_claims, group_id = rest
    return OwnBooking(
        id=key,
        resource_id=resource_id,
        type_id=type_id,
        resource_name=name,
        period=period,
        group_id=group_id,
    )


def _claimed_keys(resource: Resource) -> list[int]:
    """A resource and what is linked to it."""
    return [resource.pk, *(link["id"] for link in json_of(resource, "links_json"))]


def build_request(
    *,
    resource: Resource,
    time_facts: TimeFacts,
    actor: User,
    user: User,
    period: Period,
    now: datetime,
    seats: int = 1,
    existing: Booking | None = None,
    siblings: tuple[OwnBooking, ...] = (),
    project_id: UUID | None = None,
    starts_at_once: bool = False,
) -> BookingRequest:
    """One resource's request, from what was gathered; the same project as the resource's load."""
    request = BookingRequest(
        actor=person(actor),
        user=person(user),
        resource=_resource_facts(resource, time_facts),
        period=period,
        now=now,
        seats=seats,
        existing=None
        if existing is None
        else OwnBooking(
            id=existing.pk,
            resource_id=existing.resource_id,
            type_id=resource.resource_type_id,
            resource_name=resource.name,
            period=existing.period,
            group_id=existing.group_id,
            is_counted=existing.is_counted,
        ),
        own_bookings=time_facts.own,
        siblings=siblings,
        project=project_facts(resource, project_id),
        starts_at_once=starts_at_once,
    )
    return replace(request, over_quota=True) if is_over_quota(request) else request


def around(period: Period) -> Period:
    """The window of facts for a decision on the period: a day on both sides, buffers inside."""
    return period.widen(_AROUND, _AROUND)


def sane_window(period: Period, now: datetime) -> Period:
    """The window of facts; for a senseless period the present, so that no query is absurd."""
    if period.start < period.end and period.length <= _LONGEST and period.end.year < _LAST_YEAR:
        return around(period)
    return around(Period(now, now + timedelta(hours=1)))


def limits_of(resource: Resource) -> dict[Limit, int]:
    """The limits in force on a resource that was loaded with its facts."""
    limits = json_of(resource, "limits_json") or {}
    return {Limit(name): value for name, (value, _scope) in limits.items() if value is not None}


def _resource_facts(resource: Resource, time_facts: TimeFacts) -> ResourceFacts:
    linked = tuple(LinkedResource(**link) for link in json_of(resource, "links_json"))
    access = json_of(resource, "access_json")
    expires_at = access["expires_at"] if access else None
    return ResourceFacts(
        id=resource.pk,
        public_id=resource.public_id,
        name=resource.name,
        type_id=resource.resource_type_id,
        zone=resource.zone,
        slot_minutes=resource.slot_minutes,
        setup=timedelta(minutes=resource.setup_minutes),
        cleanup=timedelta(minutes=resource.cleanup_minutes),
        capacity=resource.capacity,
        is_active=resource.is_active,
        closed_reason=resource.closed_reason,
        requires_access=resource.requires_access,
        requires_approval=resource.requires_approval,
        has_access=bool(access),
        access_expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        linked=linked,
        open_periods=periods_of(
            [
                Hours(day, time.fromisoformat(opens), time.fromisoformat(closes))
                for day, opens, closes in json_of(resource, "hours_json")
            ],
            holidays={date.fromisoformat(day) for day in json_of(resource, "holidays_json")},
            zone=resource.zone,
            window=time_facts.window,
        ),
        limits=limits_of(resource),
        scopes={
            Limit(name): scope
            for name, (_value, scope) in (json_of(resource, "limits_json") or {}).items()
        },
        claims=time_facts.claims.get(resource.pk, ()),
        linked_claims={each.id: time_facts.claims.get(each.id, ()) for each in linked},
        courses=course_facts(resource),
        requires_assessment=resource.requires_assessment,
        assessment=assessment_facts(resource),
        fault=fault_facts(resource),
        approval=approval_facts(resource),
        quotas=quota_facts(resource, time_facts.accounts),
        prices=price_facts(resource),
    )


def _claim(
    booking_id: int | None, during: Period, rest: list[Any], actor: User, *, known: bool
) -> Claim:
    kind, seat, name, hold_id, user_id, expires_at, show_name, _group_id = rest
    claim_kind = ClaimKind(kind)
    return Claim(
        kind=claim_kind,
        booking_id=booking_id,
        during=during,
        label=_label(claim_kind, name, known=show_name or known, own=user_id == actor.pk),
        hold_id=hold_id,
        hold_user_id=user_id if hold_id is not None else None,
        hold_expires_at=expires_at,
        seat=seat,
    )


def _label(kind: ClaimKind, name: str, *, known: bool, own: bool) -> str:
    """As much of a claim as the asker may know."""
    if kind in (ClaimKind.MAINTENANCE, ClaimKind.CLOSURE):
        return f"{kind.label}: {name}"
    who = _("your own booking") if own else name
    return who if own or known else _("another user")
