"""Writing access, inside an open transaction."""

from datetime import date, datetime, timedelta

from accounts.models import User
from audit.services import record
from booking.enums import AccessLevel
from booking.models import Resource, ResourceAccess
from labitory.lib.periods import local_midnight


def write_access(
    *,
    actor: User,
    user: User,
    resource: Resource,
    expires_at: datetime | None,
    level: AccessLevel,
    now: datetime,
) -> ResourceAccess:
    """Let a person in, or renew; the audit tells from when to when, and for what."""
    old = ResourceAccess.objects.filter(user=user, resource=resource).first()
    access, _made = ResourceAccess.objects.update_or_create(
        user=user,
        resource=resource,
        defaults={
            "granted_by": actor,
            "granted_at": now,
            "expires_at": expires_at,
            "level": level,
            "reminded_at": None,
        },
    )
    record(
        action="resource.access_granted",
        actor=actor,
        target=resource,
        now=now,
        changes={
            "expires_at": (old.expires_at if old else None, expires_at),
            "level": (old.level if old else "", level),
        },
        facts={"user": user.full_name, "resource": resource.name},
    )
    return access


def end_of_day(resource: Resource, day: date) -> datetime:
    """The moment at which a day of the resource is over."""
    return local_midnight(day + timedelta(days=1), resource.zone)
