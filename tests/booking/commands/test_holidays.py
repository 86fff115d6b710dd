"""Keeping public holidays by command."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from booking.models import Holiday

pytestmark = pytest.mark.django_db


def synced(**options: int) -> str:
    out = StringIO()
    call_command("sync_holidays", stdout=out, **options)
    return out.getvalue()


def test_adds_them_once(settings: LazySettings) -> None:
    settings.LAB_COUNTRY, settings.LAB_SUBDIVISION = "DE", "BE"
    assert synced(years=2).endswith("holidays added for DE.\n")
    count = Holiday.objects.count()
    assert count >= 18
    assert len(set(Holiday.objects.values_list("day__year", flat=True))) == 2
    assert synced(years=2).startswith("0 holidays")
    assert Holiday.objects.count() == count
    assert AuditLog.objects.filter(action="holidays.synced").count() == 1


def test_another_country_replaces_them(settings: LazySettings) -> None:
    settings.LAB_COUNTRY, settings.LAB_SUBDIVISION = "DE", "BE"
    synced()
    settings.LAB_COUNTRY, settings.LAB_SUBDIVISION = "FR", ""
    synced()
    assert set(Holiday.objects.values_list("country", flat=True)) == {"FR"}


def test_refuses_what_makes_no_sense(settings: LazySettings) -> None:
    with pytest.raises(CommandError, match="between 1 and 20"):
        synced(years=0)
    settings.LAB_COUNTRY = "XX"
    with pytest.raises(CommandError, match="No holidays are known"):
        synced()
    assert not Holiday.objects.exists()
