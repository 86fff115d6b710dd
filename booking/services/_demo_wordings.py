"""Words of the demonstration lab, and what its people were reminded of already."""

from datetime import datetime, timedelta

from accounts.models import User
from booking.models import QuotaWarning, ReminderRun, Wording
from booking.queries.quota_warnings import due_warnings

_KIND = "access.granted"
_VERSIONS = (
    ("en", "You may use %(resource)s", "%(actor)s let you in to %(resource)s. Begin here:", 40),
    (
        "en",
        "Welcome to %(resource)s",
        "%(actor)s let you in at %(lab)s.\n\nBring your own slides. Book your first time here:",
        12,
    ),
    (
        "de",
        "Willkommen bei %(resource)s",
        "%(actor)s hat Sie freigeschaltet.\n\nBitte eigene Objektträger mitbringen. Hier buchen:",
        12,
    ),
)


def make_wordings(*, cast: dict[str, User], now: datetime) -> None:
    """A kind worded in two languages, one of them twice; no reminder is due at once."""
    latest: dict[str, int] = {}
    for language, subject, text, days in _VERSIONS:
        latest[language] = latest.get(language, 0) + 1
        Wording.objects.create(
            kind=_KIND,
            language=language,
            version=latest[language],
            subject=subject,
            text=text,
            author=cast["dora"],
            created_at=now - timedelta(days=days),
        )
    ReminderRun.objects.bulk_create(
        ReminderRun(kind=kind, until=now) for kind in ("booking.upcoming", "session.ending")
    )
    QuotaWarning.objects.bulk_create(
        QuotaWarning(
            quota=each.quota,
            holder_id=each.holder_id,
            starts_on=each.starts_on,
            percent=each.percent,
            told_at=now,
        )
        for each in due_warnings(now=now)
    )
