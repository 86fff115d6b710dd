"""Writing resources, their types and pools, who is responsible, and who likes them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.models.users import check_time_zone
from audit.services import record
from booking.enums import ClaimKind, ResponsibleKind
from booking.errors import ActionRefused
from booking.events import post_change
from booking.models import (
    Closure,
    FavouriteResource,
    Resource,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)
from booking.permissions import (
    can_create_resource,
    can_manage_pool,
    can_manage_resource,
    can_manage_type,
)
from booking.queries.places import shown_to
from booking.services._blocks import claim_whole, require_capacity
from booking.services._closing import tell_switched
from booking.services._managers import require_manager
from booking.services._uploads import redraw
from labitory.lib.db import constraint_of, run_transaction
from labitory.lib.periods import Period

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDetails:
    """All that a lab manager writes about a resource, but for its links and people."""

    name: str
    type_id: UUID
    description: str = ""
    location: str = ""
    slot_minutes: int = 15
    setup_minutes: int = 0
    cleanup_minutes: int = 0
    capacity: int = 1
    requires_access: bool = False
    requires_approval: bool = False
    requires_assessment: bool = False
    is_hidden: bool = False
    open_on_holidays: bool = False
    time_zone: str = ""


def create_resource(*, actor: User, details: ResourceDetails, now: datetime) -> Resource:
    """Add a resource; lab-wide closures to come close it as well."""

    def work() -> Resource:
        resource = Resource(created_at=now)
        values = _apply(actor, resource, details)
        resource.save(force_insert=True)
        for closure in Closure.objects.filter(resource=None, end_time__gt=now):
            period = Period(closure.start_time, closure.end_time)
            claim_whole([resource], period, ClaimKind.CLOSURE, closure=closure, now=now)
        record(
            action="resource.created",
            actor=actor,
            target=resource,
            now=now,
            changes={name: (None, value) for name, value in values.items()},
        )
        return resource

    return _named(work)


def change_resource(
    *, actor: User, resource_id: UUID, details: ResourceDetails, now: datetime
) -> Resource:
    """Change a resource. Seats that are booked cannot be taken away.

    Bookings keep the buffers they were made with. Raises `Resource.DoesNotExist`.
    """

    def work() -> Resource:
        resource = Resource.objects.select_related("resource_type").get(public_id=resource_id)
        _require(actor, resource)
        before = _values(resource)
        if details.capacity < resource.capacity:
            require_capacity(resource, details.capacity, now=now)
        after = _apply(actor, resource, details)
        # Only what was changed here: its picture and closing are written by others.
        resource.save(update_fields=[*asdict(details).keys() - {"type_id"}, "resource_type"])
        record(
            action="resource.changed",
            actor=actor,
            target=resource,
            now=now,
            changes={name: (before[name], after[name]) for name in after},
        )
        return resource

    return _named(work)


def set_image(*, actor: User, resource_id: UUID, content: bytes | None, now: datetime) -> Resource:
    """Set or remove a resource's picture: at most 5 MB, drawn anew without its hidden data."""
    drawn = None if content is None else redraw(content, field="image")

    def work() -> Resource:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        storage, before = resource.image.storage, resource.image.name or ""
        if drawn is None:
            resource.image = ""
        else:
            # Pictures are served without a login: nobody shall find one by guessing its name.
            name = f"{secrets.token_urlsafe(16)}.jpg"
            resource.image.save(name, ContentFile(drawn), save=False)
        resource.save(update_fields=["image"])
        if before:
            transaction.on_commit(lambda: storage.delete(before), robust=True)
        record(
            action="resource.changed",
            actor=actor,
            target=resource,
            now=now,
            changes={"image": (bool(before), drawn is not None)},
            facts={"bytes": len(drawn or b"")},
        )
        return resource

    return run_transaction(work)


def close_resource(*, actor: User, resource_id: UUID, reason: str, now: datetime) -> Resource:
    """Close a resource until further notice, with a reason that everybody sees."""
    if not reason.strip():
        raise ActionRefused(
            code="resource.reason", text=_("Say why it is closed."), field="reason", status=422
        )
    return _switch(actor, resource_id, active=False, reason=reason.strip(), now=now)


def open_resource(*, actor: User, resource_id: UUID, now: datetime) -> Resource:
    """Open a closed resource for booking again."""
    return _switch(actor, resource_id, active=True, reason="", now=now)


def set_links(*, actor: User, resource_id: UUID, linked_ids: Sequence[UUID], now: datetime) -> None:
    """Say which other resources a booking of this one occupies as well, from now on."""

    def work() -> None:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        linked = list(Resource.objects.filter(public_id__in=linked_ids).exclude(pk=resource.pk))
        old = [link.linked for link in resource.links.select_related("linked")]
        # A link takes the other's time: both must be theirs to give.
        for other in {*linked} ^ {*old}:
            _require(actor, other)
        before = sorted(each.name for each in old)
        resource.links.all().delete()
        ResourceLink.objects.bulk_create(
            ResourceLink(resource=resource, linked=each) for each in linked
        )
        record(
            action="resource.changed",
            actor=actor,
            target=resource,
            now=now,
            changes={"linked": (before, sorted(each.name for each in linked))},
        )

    run_transaction(work)


def set_responsible(
    *, actor: User, resource_id: UUID, people: Sequence[tuple[UUID, str]], now: datetime
) -> None:
    """Name the people to ask about a resource, each as a kind of `ResponsibleKind`."""

    def work() -> None:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        known = {
            user.public_id: user
            for user in User.objects.filter(public_id__in=[key for key, _kind in people])
        }
        before = sorted(str(each) for each in resource.responsible.select_related("user"))
        resource.responsible.all().delete()
        rows = ResponsiblePerson.objects.bulk_create(
            ResponsiblePerson(resource=resource, user=known[key], kind=ResponsibleKind(kind))
            for key, kind in dict.fromkeys(people)
            if key in known
        )
        record(
            action="resource.changed",
            actor=actor,
            target=resource,
            now=now,
            changes={"responsible": (before, sorted(str(row) for row in rows))},
        )

    run_transaction(work)


def toggle_favourite(*, user: User, resource_id: UUID, now: datetime) -> bool:
    """Put a resource on top of one's lists, or take it off; gives whether it is a favourite now.

    Raises Resource.DoesNotExist where it is hidden from them.
    """

    def work() -> bool:
        resource = Resource.objects.filter(shown_to(user, now=now)).get(public_id=resource_id)
        removed, _rows = FavouriteResource.objects.filter(user=user, resource=resource).delete()
        if not removed:
            FavouriteResource.objects.get_or_create(user=user, resource=resource)
        return not removed

    return run_transaction(work)


def save_type(
    *, actor: User, type_id: UUID | None, name: str, description: str, now: datetime
) -> ResourceType:
    """Add or rename a type of resources."""

    def work() -> ResourceType:
        kind = ResourceType() if type_id is None else ResourceType.objects.get(public_id=type_id)
        require_manager(can_manage_type(actor, kind.pk), "resource.manage", type_id=kind.pk)
        before = (kind.name, kind.description)
        kind.name, kind.description = name.strip(), description
        kind.save()
        changes = {"name": (before[0], kind.name), "description": (before[1], description)}
        record(action="type.saved", actor=actor, target=kind, now=now, changes=changes)
        return kind

    return _named(work)


def save_pool(
    *,
    actor: User,
    pool_id: UUID | None,
    name: str,
    description: str,
    resource_ids: Sequence[UUID],
    now: datetime,
) -> ResourcePool:
    """Add or change a pool: resources of which any one will do."""

    def work() -> ResourcePool:
        pool = ResourcePool() if pool_id is None else ResourcePool.objects.get(public_id=pool_id)
        known = pool.pk is not None
        old = list(pool.resources.all()) if known else []
        members = list(Resource.objects.filter(public_id__in=resource_ids))
        require_manager(can_manage_pool(actor, [*old, *members]), "resource.manage")
        before = sorted(each.name for each in old)
        pool.name, pool.description = name.strip(), description
        pool.save()
        pool.resources.set(members)
        record(
            action="pool.saved",
            actor=actor,
            target=pool,
            now=now,
            changes={"resources": (before, sorted(each.name for each in members))},
        )
        return pool

    return _named(work)


def delete_pool(*, actor: User, pool_id: UUID, now: datetime) -> None:
    """Dissolve a pool; its resources stay."""

    def work() -> None:
        pool = ResourcePool.objects.get(public_id=pool_id)
        require_manager(can_manage_pool(actor, pool.resources.all()), "resource.manage")
        record(action="pool.deleted", actor=actor, target=pool, now=now)
        pool.delete()

    run_transaction(work)


def _require(actor: User, resource: Resource) -> None:
    require_manager(can_manage_resource(actor, resource), "resource.manage", resource)


def _apply(actor: User, resource: Resource, details: ResourceDetails) -> dict[str, Any]:
    check_time_zone(details.time_zone)
    values = asdict(details)
    kind = ResourceType.objects.filter(public_id=values.pop("type_id")).first()
    if kind is None:
        raise ActionRefused(code="type.unknown", text=_("Choose a type."), field="type", status=422)
    if details.is_hidden and not details.requires_access:
        raise ActionRefused(
            code="resource.hidden",
            text=_("What is hidden must be restricted too: nobody may book what they cannot see."),
            field="is_hidden",
            status=422,
        )
    # Into another type only by who looks after that one too: it brings rights and limits with it.
    if resource.resource_type_id != kind.pk:
        allowed = can_create_resource(actor, kind.pk)
        require_manager(allowed, "resource.manage", type_id=kind.pk)
    resource.resource_type = kind
    for name, value in values.items():
        setattr(resource, name, value)
    return _values(resource)


def _values(resource: Resource) -> dict[str, Any]:
    names = [name for name in ResourceDetails.__dataclass_fields__ if name != "type_id"]
    return {
        **{name: getattr(resource, name) for name in names},
        "type": resource.resource_type.name,
    }


def _switch(
    actor: User, resource_id: UUID, *, active: bool, reason: str, now: datetime
) -> Resource:
    def work() -> Resource:
        resource = Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        before = (resource.is_active, resource.closed_reason)
        resource.is_active, resource.closed_reason = active, reason
        resource.save(update_fields=["is_active", "closed_reason"])
        record(
            action="resource.opened" if active else "resource.closed",
            actor=actor,
            target=resource,
            now=now,
            reason=reason,
            changes={"is_active": (before[0], active), "closed_reason": (before[1], reason)},
        )
        post_change(resource.public_id, now=now)
        if before[0] is not active:
            tell_switched(resource, actor=actor, now=now)
        return resource

    return run_transaction(work)


def _named(work: Callable[[], M]) -> M:
    try:
        return run_transaction(work)
    except IntegrityError as error:
        if not constraint_of(error).endswith("_name_unique"):
            raise
        raise ActionRefused(
            code="name.taken",
            text=_("There is one of this name already: choose another."),
            field="name",
            status=422,
        ) from error
