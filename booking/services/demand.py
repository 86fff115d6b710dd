"""The demand ledger: wishes that nobody could serve are data."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.enums import DemandSource
from booking.models import DemandEntry, Resource, ResourcePool, ResourceType
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period


def record_fruitless_search(
    *,
    user: User,
    window: Period,
    minutes: int,
    now: datetime,
    resource_id: UUID | None = None,
    type_id: UUID | None = None,
    pool_id: UUID | None = None,
) -> DemandEntry:
    """Note that somebody looked for time and found none; the entry names only their class."""

    def work() -> DemandEntry:
        return DemandEntry.objects.create(
            at=now,
            source=DemandSource.SEARCH,
            role=user.role,
            resource=Resource.objects.filter(public_id=resource_id).first(),
            resource_type=ResourceType.objects.filter(public_id=type_id).first(),
            pool=ResourcePool.objects.filter(public_id=pool_id).first(),
            start_time=window.start,
            end_time=window.end,
            minutes=minutes,
            codes=["search.nothing_free"],
        )

    return run_transaction(work)
