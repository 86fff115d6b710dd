"""The demand ledger: wishes that nobody could serve are data."""

from collections.abc import Sequence
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
    resource_ids: Sequence[UUID] = (),
    type_id: UUID | None = None,
    pool_id: UUID | None = None,
) -> DemandEntry | None:
    """Note that somebody looked for time and found none; the entry names only their class.

    Nobody wishes for what is over: that leaves no entry. Raises `DoesNotExist` of the resource,
    type or pool that is unknown.
    """
    if window.end <= now:
        return None

    def work() -> DemandEntry:
        resources = [_one(Resource, each) for each in dict.fromkeys(resource_ids)]
        return DemandEntry.objects.create(
            at=now,
            source=DemandSource.SEARCH,
            role=user.role,
            resource=resources[0] if len(resources) == 1 else None,
            resource_type=_one(ResourceType, type_id) if type_id else None,
            pool=_one(ResourcePool, pool_id) if pool_id else None,
            start_time=window.start,
            end_time=window.end,
            minutes=minutes,
            codes=["search.nothing_free"],
        )

    return run_transaction(work)


def _one(model: type[M], public_id: UUID) -> M:
    return model._default_manager.get(public_id=public_id)
