"""Reading the security events: newest first, always within a time range."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from audit.enums import Severity
from audit.models import SecurityAlert, SecurityEvent
from audit.permissions import can_view_security

# A stream is read from its end.
USUAL_DAYS = 7
_TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilters:
    """What to look for, from `since` up to `until`; empty values do not filter.

    `severity` is the least one; `before` is the place (moment and id) after which to go on.
    """

    since: datetime
    until: datetime
    severity: int = Severity.INFO
    kind: str = ""
    person: str = ""
    address: str = ""
    before: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReport:
    """What happened within a time: by kind, the accounts and addresses that fail most, alarms."""

    since: datetime
    until: datetime
    kinds: Mapping[str, int]
    severities: Mapping[str, int]
    failing_accounts: list[tuple[str, int]]
    failing_addresses: list[tuple[str, int]]
    alerts_raised: int
    alerts_open: list[str]


def events(*, viewer: Any, filters: EventFilters) -> "QuerySet[SecurityEvent]":  # noqa: ANN401 - a user
    """The events that somebody who looks after security asks for; nobody else finds any."""
    if not can_view_security(viewer):
        return SecurityEvent.objects.none()
    found = SecurityEvent.objects.filter(at__gte=filters.since, at__lt=filters.until)
    if filters.severity > Severity.INFO:
        found = found.filter(severity__gte=filters.severity)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.person:
        found = found.filter(
            Q(user_name__icontains=filters.person) | Q(actor_name__icontains=filters.person)
        )
    if filters.address:
        found = found.filter(address=filters.address)
    if filters.before:
        at, pk = filters.before
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    return found.order_by("-at", "-pk")


def open_alerts(*, viewer: Any) -> "QuerySet[SecurityAlert]":  # noqa: ANN401 - a user
    """The alarms that nobody has handled yet, the worst and newest first."""
    if not can_view_security(viewer):
        return SecurityAlert.objects.none()
    found = SecurityAlert.objects.filter(handled_at__isnull=True).select_related("rule")
    return found.order_by("-rule__severity", "-at")


def handled_alerts(*, viewer: Any, limit: int = 20) -> "QuerySet[SecurityAlert]":  # noqa: ANN401 - a user
    """The alarms handled last, with what was found."""
    if not can_view_security(viewer):
        return SecurityAlert.objects.none()
    found = SecurityAlert.objects.filter(handled_at__isnull=False).select_related("rule")
    return found.order_by("-handled_at")[:limit]


def security_report(*, now: datetime, days: int) -> SecurityReport:
    """The last days in figures, for whoever runs the installation."""
    since = now - timedelta(days=days)
    found = SecurityEvent.objects.filter(at__gte=since, at__lte=now).order_by()
    failed = found.filter(kind="login.failed")
    alerts = SecurityAlert.objects.filter(at__gte=since, at__lte=now)
    unhandled = SecurityAlert.objects.filter(handled_at__isnull=True).order_by("-at")
    by_severity = dict(found.values_list("severity").annotate(n=Count("pk")))
    return SecurityReport(
        since=since,
        until=now,
        kinds=dict(found.values_list("kind").annotate(n=Count("pk")).order_by("-n", "kind")),
        severities={each.name.lower(): by_severity.get(each.value, 0) for each in Severity},
        failing_accounts=_most(failed.exclude(user_id=None), "user_name"),
        failing_addresses=_most(failed.exclude(address=None), "address"),
        alerts_raised=alerts.count(),
        alerts_open=[f"{alert.at:%Y-%m-%d %H:%M} {alert.text}" for alert in unhandled],
    )


def _most(found: "QuerySet[SecurityEvent]", field: str) -> list[tuple[str, int]]:
    return list(found.values_list(field).annotate(n=Count("pk")).order_by("-n", field)[:_TOP])
