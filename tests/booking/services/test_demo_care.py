"""The demonstration shows each state of instrument care."""

from datetime import datetime

import pytest

from booking.enums import FaultState, OfferState, Status
from booking.models import Fault, MaintenancePlan, Offer
from tests.booking.services.conftest import DemoAt

pytestmark = pytest.mark.django_db


def test_faults_plans_and_a_displaced_booking(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    states = {
        fault.state: (bool(fault.photo), fault.blocks_use, fault.history.count())
        for fault in Fault.objects.all()
    }
    assert states == {
        FaultState.WAITING: (True, False, 2),
        FaultState.IN_PROGRESS: (False, True, 2),
        FaultState.RESOLVED: (False, False, 2),
    }
    assert MaintenancePlan.objects.get().windows.count() >= 4
    offer = Offer.objects.get(maintenance__isnull=False)
    assert offer.state == OfferState.OPEN
    assert offer.displaced is not None
    assert offer.displaced.status == Status.CONFIRMED
    assert not offer.displaced.claims.exists()
