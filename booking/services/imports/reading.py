"""Reading single values from files: every refusal says what is wrong and what would be right."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from booking.enums import Status
from booking.services.imports.plan import BadRow
from labitory.lib.periods import Period

_FIRST_YEAR, _LAST_YEAR = 1990, 2100


def read_moment(value: object, name: str) -> datetime:
    """An ISO 8601 moment in UTC; without an offset it is the lab's local time."""
    text = str(value or "").strip()
    if not text:
        raise BadRow(_("%(name)s is missing.") % {"name": name})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRow(
            _("%(name)s is no time: %(text)s. Write it as 2026-03-31T14:00.")
            % {"name": name, "text": text[:40]}
        ) from None
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        raise BadRow(_("%(name)s lies outside 1990 to 2099.") % {"name": name})
    return _from_local(moment, name) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_local(moment: datetime, name: str) -> datetime:
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    early, late = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early
    if early.astimezone(zone).replace(tzinfo=None) != moment:
        raise BadRow(_("%(name)s does not exist: the clock is changed then.") % {"name": name})
    raise BadRow(
        _("%(name)s happens twice when the clock is changed: add an offset.") % {"name": name}
    )


def read_period(start: object, end: object, names: tuple[str, str]) -> Period:
    """A period of two moments, in order."""
    period = Period(read_moment(start, names[0]), read_moment(end, names[1]))
    if period.end <= period.start:
        raise BadRow(_("It ends before it starts."))
    return period


def status_at(period: Period, now: datetime) -> Status:
    """What a booking is by its time alone."""
    return Status.COMPLETED if period.end <= now else Status.CONFIRMED


def digest_of(*parts: Any) -> str:
    """The same for the same content, whatever the order of its keys."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def no_null(text: str) -> str:
    """Text that a database can hold, without blanks around it."""
    return text.replace("\x00", "").strip()
