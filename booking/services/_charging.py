"""Changing what a booking is charged to, without moving it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Project, User
from booking.enums import Measure, QuotaHolder
from booking.errors import BookingRefused, Refusal
from booking.models import Booking
from booking.queries._quota_accounts import load_accounts
from booking.queries.facts import TimeFacts, build_request, load_resources, sane_window
from booking.rules import check_project
from booking.rules.shares import is_over_quota
from booking.services._quotas import hold_people


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a booking shall be charged to from now on; None is nothing."""

    project_id: UUID | None


def chargeable_project(
    booking: Booking, charge: Charge, *, actor: User, now: datetime
) -> Project | None:
    """The new project, if the rules let the booking be charged to it; raises BookingRefused."""
    if charge.project_id is None:
        return None
    window = sane_window(booking.period, now)
    resources = load_resources(
        user=booking.user,
        window=window,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=charge.project_id,
    )
    hold_people((), resources)
    accounts = load_accounts(resources, window=window, existing=booking)
    request = build_request(
        resource=resources[0],
        time_facts=TimeFacts(window=window, own=(), claims={}, accounts=accounts),
        actor=actor,
        user=booking.user,
        period=booking.period,
        now=now,
        existing=booking,
        project_id=charge.project_id,
    )
    # What the person has alone counts the booking already, whatever it is charged to; but another
    # project may pay by other prices.
    shared = tuple(
        each
        for each in request.resource.quotas
        if each.holder != QuotaHolder.USER or each.measure == Measure.COST
    )
    request = replace(request, resource=replace(request.resource, quotas=shared))
    if refusals := check_project(request):
        raise BookingRefused(refusals)
    if is_over_quota(request):
        raise BookingRefused([_overdraft()])
    return Project.objects.get(public_id=charge.project_id)


def _overdraft() -> Refusal:
    """What is confirmed already asks nobody again: it cannot go into the overdraft."""
    return Refusal(
        code="quota.overdraft",
        text=_("Too little is left of its quota, and nobody has approved more: choose another."),
        field="project",
    )
