"""Reading what projects may be charged for, and what was charged to them."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from accounts.models import Project, User
from accounts.queries.projects import chargeable_projects
from booking.enums import LIVE
from booking.models import Booking, Resource
from labitory.lib.http import lab_zone

MOST_OFFERED = 200


def resources_of_project(project: Project) -> "QuerySet[Resource]":
    """The instruments that the project may be charged for, by name; none means all of them."""
    return Resource.objects.filter(project_resources__project=project).order_by("name")


def project_numbers(project: Project, *, now: datetime) -> dict[str, int]:
    """How many bookings were charged to the project, and how many are to come."""
    found = Booking.objects.filter(project=project, status__in=LIVE).aggregate(
        past=Count("pk", filter=Q(end_time__lte=now)), ahead=Count("pk", filter=Q(end_time__gt=now))
    )
    return {"past": found["past"], "ahead": found["ahead"]}


def offered_projects(user: User, *, at: datetime) -> list[Project]:
    """The projects that a booking of this person at that time may be charged to, by name."""
    return list(chargeable_projects(user, on=at.astimezone(lab_zone()).date())[:MOST_OFFERED])
