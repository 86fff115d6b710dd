"""The demand ledger: wishes that nobody could serve are data."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from accounts.models import User
from booking.enums import DemandSource
from booking.models import DemandEntry, Resource, ResourcePool, ResourceType
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

M = TypeVar("M", bound=Model)


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
            resource=_one(Resource, resource_id),
            resource_type=_one(ResourceType, type_id),
            pool=_one(ResourcePool, pool_id),
            start_time=window.start,
            end_time=window.end,
            minutes=minutes,
            codes=["search.nothing_free"],
        )

    return run_transaction(work)


def _one(model: type[M], public_id: UUID | None) -> M | None:
    if public_id is None:
        return None
    return model._default_manager.filter(public_id=public_id).first()
