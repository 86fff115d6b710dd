"""Public holidays as rows."""

from collections.abc import Iterable

import holidays

from booking.models import Holiday


def write_holidays(*, country: str, subdivision: str, years: Iterable[int]) -> tuple[str, int]:
    """Make the stored holidays of these years those of the country; give its code and the added.

    Holidays that the country no longer has in these years are removed.
    """
    wanted = list(years)
    known = holidays.country_holidays(country, subdiv=subdivision or None, years=wanted)
    code = f"{country}-{subdivision}" if subdivision else country
    rows = Holiday.objects.filter(country=code, day__year__in=wanted)
    rows.exclude(day__in=list(known)).delete()
    # Another country's days would close the lab as well.
    Holiday.objects.exclude(country=code).delete()
    before = Holiday.objects.count()
    Holiday.objects.bulk_create(
        (Holiday(day=day, name=name[:120], country=code) for day, name in known.items()),
        ignore_conflicts=True,
    )
    return code, Holiday.objects.count() - before
