"""The rules of booking, in the order in which they speak. All of them are always asked."""

from booking.errors import Refusal
from booking.rules import (
    access,
    allowances,
    assessments,
    conflicts,
    faults,
    lead_times,
    opening_hours,
    periods,
    projects,
    quotas,
    training,
)
from booking.rules.registry import Rule
from booking.rules.request import BookingRequest

# A period that makes no sense would make the other rules speak nonsense: these come first.
SANITY: tuple[Rule, ...] = (
    periods.ends_after_start,
    periods.not_absurdly_long,
    periods.within_calendar,
)

# Asked alone when only the project of a booking changes.
PROJECT_RULES: tuple[Rule, ...] = (
    projects.belongs_to_project,
    projects.project_is_active,
    projects.within_project_period,
    projects.project_pays_for_resource,
)

# Asked when somebody wants to wait for time: what waiting alone does not mend. That it is taken,
# closed or beyond what is left today passes by itself.
STANDING_RULES: tuple[Rule, ...] = (
    access.has_access,
    access.access_lasts,
    assessments.has_risk_assessment,
    training.has_training,
    *PROJECT_RULES,
    lead_times.short_enough,
)

RULES: tuple[Rule, ...] = (
    *SANITY,
    periods.on_the_grid,
    periods.not_in_the_past,
    opening_hours.resource_is_open,
    faults.not_out_of_order,
    opening_hours.within_opening_hours,
    access.has_access,
    access.access_lasts,
    assessments.has_risk_assessment,
    training.has_training,
    *PROJECT_RULES,
    lead_times.long_enough,
    lead_times.short_enough,
    lead_times.soon_enough_asked,
    lead_times.not_too_far_ahead,
    quotas.hours_per_day,
    quotas.hours_per_week,
    quotas.active_bookings,
    quotas.future_minutes,
    quotas.gap_between_own,
    allowances.within_allowance,
    conflicts.no_own_overlap,
    conflicts.enough_seats,
    conflicts.time_is_free,
    conflicts.linked_time_is_free,
)


def check_booking(request: BookingRequest) -> list[Refusal]:
    """Ask every rule and give all refusals, each saying who may override it."""
    senseless = _ask(SANITY, request)
    return senseless or _ask(RULES[len(SANITY) :], request)


def check_project(request: BookingRequest) -> list[Refusal]:
    """Ask only whether the booking may be charged to its project and to what that shares."""
    return _ask((*PROJECT_RULES, allowances.within_allowance), request)


def check_waiting(request: BookingRequest) -> list[Refusal]:
    """Ask only what would still refuse when the time is free."""
    return _ask(STANDING_RULES, request)


def _ask(rules: tuple[Rule, ...], request: BookingRequest) -> list[Refusal]:
    return [refusal for rule in rules if (refusal := rule.ask(request)) is not None]
