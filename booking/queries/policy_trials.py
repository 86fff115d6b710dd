"""Trials of other limits: the list, one with its outcome in words, and the facts of a replay."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import GroupMember, ResearchGroup, User
from booking.enums import Limit, Status
from booking.models import Booking, BookingPolicy, PolicyTrial, Resource
from booking.queries.demand import say_reason
from booking.rules.proposals import LimitRow
from booking.rules.replay import Past
from booking.rules.request import Person, ResourceFacts
from labitory.lib.periods import Period

# What was made before and still stood: bookings of the week in which the time begins.
_BEFORE = timedelta(days=8)
_RELEASED = (Status.CANCELLED, Status.REJECTED, Status.NO_SHOW)
MINUTES = 60
MOST_SHOWN = 12


def policy_trials() -> "QuerySet[PolicyTrial]":
    """All trials, the latest first."""
    return PolicyTrial.objects.select_related("asked_by").order_by("-asked_at", "-pk")


def find_trial(public_id: UUID) -> PolicyTrial | None:
    """One trial."""
    return PolicyTrial.objects.select_related("asked_by").filter(public_id=public_id).first()


def rows_in_force() -> list[LimitRow]:
    """All limits as they are now."""
    return [
        LimitRow(
            limit=Limit(row.limit),
            role=row.role,
            resource_id=row.resource_id,
            type_id=row.resource_type_id,
            value=row.value,
        )
        for row in BookingPolicy.objects.all()
    ]


def bookings_made(window: Period) -> "QuerySet[Booking]":
    """The bookings that were asked for in the time."""
    return Booking.objects.filter(created_at__gte=window.start, created_at__lt=window.end)


def people_who_booked(window: Period, *, after: int) -> list[int]:
    """Who booked in the time, by key, those after the given one."""
    found = bookings_made(window).filter(user_id__gt=after).order_by("user_id")
    return list(found.values_list("user_id", flat=True).distinct())


def count_bookings(window: Period) -> int:
    """How many bookings were asked for in the time."""
    return bookings_made(window).count()


def resource_facts() -> dict[int, ResourceFacts]:
    """All resources as far as rules of limits care, by key."""
    return {
        each.pk: ResourceFacts(
            id=each.pk,
            public_id=each.public_id,
            name=each.name,
            type_id=each.resource_type_id,
            zone=each.zone,
            slot_minutes=each.slot_minutes,
            setup=timedelta(0),
            cleanup=timedelta(0),
            capacity=each.capacity,
            is_active=True,
            closed_reason="",
            requires_access=False,
            requires_approval=False,
            has_access=True,
            access_expires_at=None,
        )
        for each in Resource.objects.all()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOf:
    """One person with all that they booked, in the order in which it was made."""

    person: Person
    group_id: int | None
    past: tuple[Past, ...]


def past_of(people: Collection[int], window: Period) -> list[PastOf]:
    """What some people booked in the time, with what they held from before. Three statements."""
    groups = dict(
        GroupMember.objects.filter(user__in=people)
        .values_list("user_id")
        .annotate(first=Min("group_id"))
    )
    known = {each.pk: each for each in User.objects.filter(pk__in=people)}
    held = Q(created_at__gte=window.start) | Q(end_time__gt=window.start - _BEFORE)
    rows = (
        Booking.objects.filter(held, user__in=people, created_at__lt=window.end)
        .annotate(released_at=Max("steps__at", filter=Q(steps__to_status__in=_RELEASED)))
        .order_by("user_id", "created_at", "pk")
        .values_list(
            "user_id", "pk", "resource_id", "start_time", "end_time", "created_at", "released_at"
        )
    )
    by_user: dict[int, list[Past]] = defaultdict(list)
    for user_id, key, resource_id, start, end, made_at, released_at in rows:
        by_user[user_id].append(
            Past(
                id=key,
                resource_id=resource_id,
                period=Period(start, end),
                made_at=made_at,
                released_at=released_at,
                is_given=made_at < window.start,
            )
        )
    return [
        PastOf(
            person=Person(id=key, name=str(user), role=Role(user.role)),
            group_id=groups.get(key),
            past=tuple(by_user[key]),
        )
        for key, user in known.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of those that a trial looked at: bookings and hours refused, and hours made."""

    name: str
    refused: int
    hours: float
    made: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a finished trial found, with names."""

    bookings: int
    refused: int
    hours: float
    present: int
    gini_before: float
    gini_after: float
    rules: tuple[Share, ...]
    parts: tuple[tuple[str, tuple[Share, ...]], ...]
    examples: tuple[tuple[Booking, str], ...]


def outcome_of(trial: PolicyTrial) -> Outcome | None:
    """What a trial found; None as long as it is not done. Four statements."""
    found: dict[str, Any] = trial.result
    if "gini" not in found:
        return None
    people = {each.pk: each.full_name for each in _named(User, found["people"])}
    resources = {each.pk: each.name for each in _named(Resource, found["resources"])}
    groups = {each.pk: each.name for each in _named(ResearchGroup, found["groups"])}
    roles = {str(role.value): str(role.label) for role in Role}
    codes = {key: say_reason(key) for key in found["rules"]}
    reasons = {int(key): say_reason(code) for key, code in found["examples"]}
    bookings = Booking.objects.filter(pk__in=reasons).select_related("resource", "user")
    return Outcome(
        bookings=found["bookings"],
        refused=found["refused"],
        hours=found["minutes"] / MINUTES,
        present=found["present"],
        gini_before=found["gini"][0],
        gini_after=found["gini"][1],
        rules=_shares(found["rules"], codes),
        parts=(
            (_("By role"), _shares(found["roles"], roles)),
            (_("By research group"), _shares(found["groups"], groups)),
            (_("By instrument"), _shares(found["resources"], resources)),
            (_("Who loses most"), _shares(found["people"], people)),
        ),
        examples=tuple((each, reasons[each.pk]) for each in bookings.order_by("start_time")),
    )


def _named(model: Any, counted: dict[str, Any]) -> Any:  # noqa: ANN401 - any noun with a name
    return model.objects.filter(pk__in=[int(key) for key in counted if key.isdecimal()])


def _shares(counted: dict[str, list[int]], names: dict[Any, str]) -> tuple[Share, ...]:
    rows = sorted(counted.items(), key=lambda row: (-row[1][1], row[0]))
    return tuple(
        Share(
            name=names.get(int(key) if key.isdecimal() else key, "–"),
            refused=row[0],
            hours=row[1] / MINUTES,
            made=row[2] / MINUTES,
        )
        for key, row in rows[:MOST_SHOWN]
        if row[0]
    )
