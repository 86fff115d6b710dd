"""What managers see of one person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Project, ResearchGroup, RoleGrant, User
from accounts.queries.people import memberships, possible_doubles
from accounts.queries.projects import own_projects
from audit.queries.logs import HistoryLine, history_lines
from booking.enums import OPEN
from booking.models import Booking

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """A person's groups, projects, granted roles, bookings and what happened to the account."""

    groups: "QuerySet[ResearchGroup]"
    projects: "QuerySet[Project]"
    grants: "QuerySet[RoleGrant]"
    bookings: "QuerySet[Booking]"
    doubles: list[User]
    history: list[HistoryLine]


def person_page(user: User, *, now: datetime) -> PersonPage:
    """All that the page of a person shows."""
    return PersonPage(
        groups=memberships(user),
        projects=own_projects(user),
        grants=user.role_grants.select_related("role").order_by("role__name"),
        bookings=bookings_to_come(user, now=now)[:SHOWN],
        doubles=list(possible_doubles(user)),
        history=history_lines(target=user, limit=20),
    )


def bookings_to_come(user: User, *, now: datetime) -> "QuerySet[Booking]":
    """A person's open bookings that have not ended, soonest first."""
    return (
        Booking.objects.filter(user=user, status__in=OPEN, end_time__gt=now)
        .select_related("resource", "project")
        .order_by("start_time", "pk")
    )
