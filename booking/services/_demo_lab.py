"""The instruments of the demonstration with their hours, people, limits and blocked times."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.enums import Role
from accounts.models import User
from booking.enums import ClaimKind, Limit, ResponsibleKind
from booking.models import (
    BookingPolicy,
    Closure,
    MaintenanceRecord,
    OpeningHours,
    Resource,
    ResourceAccess,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)
from booking.services._blocks import claim_whole
from booking.services._demo_catalogue import KINDS, POOL, DemoKind, DemoTool
from booking.services._holidays import write_holidays
from labitory.lib.periods import Period, local_day, local_week
from labitory.lib.text import CODE_ALPHABET

_REGULARS = 20
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoInstrument:
    """A resource that stands, with what the plan must know of it."""

    resource: Resource
    tool: DemoTool
    kind: DemoKind
    # Its keys, and those of what is linked to it.
    linked: tuple[int, ...]
    # Who uses it, all of them with access where it is restricted.
    allowed: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A time in which a resource is not to be had, with its reason."""

    resource_id: int
    period: Period


def make_lab(
    *, cast: dict[str, User], others: list[User], now: datetime, rng: random.Random
) -> list[DemoInstrument]:
    """Types, instruments, hours, holidays, links, pool, responsible persons, access, limits."""
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    year = now.astimezone(zone).year
    write_holidays(
        country=settings.LAB_COUNTRY,
        subdivision=settings.LAB_SUBDIVISION,
        years=range(year - 1, year + 2),
    )
    kinds = ResourceType.objects.bulk_create(
        ResourceType(public_id=_uuid(rng), name=kind.name, description=kind.description)
        for kind in KINDS
    )
    entries = [
        (kind, tool, row) for kind, row in zip(KINDS, kinds, strict=True) for tool in kind.tools
    ]
    resources = Resource.objects.bulk_create(
        _resource(tool, row, now, rng) for _kind, tool, row in entries
    )
    named = {resource.name: resource for resource in resources}
    _make_hours(entries, named)
    _make_links(entries, named)
    _make_pool(named)
    _make_responsible(resources, cast["chris"], others)
    allowed = _make_access(entries, named, cast, others, now, rng)
    _make_policies(named, {row.name: row for row in kinds})
    return [
        DemoInstrument(
            resource=named[tool.name],
            tool=tool,
            kind=kind,
            linked=tuple(named[name].pk for name in tool.linked),
            allowed=allowed[tool.name],
        )
        for kind, tool, _row in entries
    ]


def make_blocks(instruments: list[DemoInstrument], manager: User, now: datetime) -> list[Block]:
    """Maintenance that runs and that comes, and an afternoon of next week without any work."""
    named = {each.tool.name: each.resource for each in instruments}
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    today = local_day(now, zone).start
    plans = (
        ("Cell sorter 2", Period(now - 3 * HOUR, now + 20 * HOUR), "New nozzle and alignment"),
        ("SEM 1", Period(today + 4 * DAY + 8 * HOUR, today + 4 * DAY + 12 * HOUR), "Filament"),
        ("LC-MS 1", Period(today + 9 * DAY + 8 * HOUR, today + 9 * DAY + 12 * HOUR), "Pump seals"),
        ("Mask aligner", Period(today - 8 * DAY, today - 7 * DAY), "Lamp exchange"),
    )
    blocks = []
    for name, exact, title in plans:
        period = Period(_hour(exact.start), _hour(exact.end))
        maintenance = MaintenanceRecord.objects.create(
            resource=named[name],
            title=title,
            start_time=period.start,
            end_time=period.end,
            created_by=manager,
            created_at=min(now, period.start) - 5 * DAY,
        )
        claim_whole([named[name]], period, ClaimKind.MAINTENANCE, maintenance=maintenance, now=now)
        blocks.append(Block(resource_id=named[name].pk, period=period))
    wednesday = local_day(local_week(now, zone).end + 2 * DAY + 12 * HOUR, zone).start
    period = Period(wednesday + 13 * HOUR, wednesday + 17 * HOUR)
    closure = Closure.objects.create(
        start_time=period.start,
        end_time=period.end,
        reason="Fire alarm test in all buildings",
        created_by=manager,
        created_at=now - 2 * DAY,
    )
    resources = [each.resource for each in instruments]
    claim_whole(resources, period, ClaimKind.CLOSURE, closure=closure, now=now)
    return [*blocks, *(Block(resource_id=each.pk, period=period) for each in resources)]


def _resource(tool: DemoTool, kind: ResourceType, now: datetime, rng: random.Random) -> Resource:
    return Resource(
        public_id=_uuid(rng),
        code="".join(rng.choices(CODE_ALPHABET, k=6)),
        name=tool.name,
        resource_type=kind,
        description=tool.description,
        location=tool.location,
        slot_minutes=tool.slot,
        setup_minutes=tool.setup,
        cleanup_minutes=tool.cleanup,
        capacity=tool.capacity,
        requires_access=tool.restricted,
        requires_approval=tool.approval,
        is_active=not tool.closed_reason,
        closed_reason=tool.closed_reason,
        open_on_holidays=tool.hours == "always",
        created_at=now - 400 * DAY,
    )


def _make_hours(
    entries: list[tuple[DemoKind, DemoTool, ResourceType]], named: dict[str, Resource]
) -> None:
    rows = [OpeningHours(weekday=day, opens_at=time(8), closes_at=time(20)) for day in range(5)]
    for _kind, tool, _row in entries:
        if tool.hours == "lab":
            continue
        always = tool.hours == "always"
        opens, closes, days = (time(0), time(0), 7) if always else (time(7), time(22), 6)
        rows.extend(
            OpeningHours(resource=named[tool.name], weekday=day, opens_at=opens, closes_at=closes)
            for day in range(days)
        )
    OpeningHours.objects.bulk_create(rows)


def _make_links(
    entries: list[tuple[DemoKind, DemoTool, ResourceType]], named: dict[str, Resource]
) -> None:
    ResourceLink.objects.bulk_create(
        ResourceLink(resource=named[tool.name], linked=named[other])
        for _kind, tool, _row in entries
        for other in tool.linked
    )


def _make_pool(named: dict[str, Resource]) -> None:
    name, description, prefix = POOL
    pool = ResourcePool.objects.create(name=name, description=description)
    pool.resources.set([each for key, each in named.items() if key.startswith(f"{prefix} ")])


def _make_responsible(resources: list[Resource], chris: User, others: list[User]) -> None:
    managers = [chris, *(user for user in others if user.role == Role.LAB_MANAGER)]
    trainers = [user for user in others if user.role == Role.RESEARCHER]
    rows = []
    for n, resource in enumerate(resources):
        primary, secondary = managers[n % len(managers)], trainers[n % len(trainers)]
        rows.append(ResponsiblePerson(resource=resource, user=primary))
        rows.append(
            ResponsiblePerson(resource=resource, user=secondary, kind=ResponsibleKind.TRAINER)
        )
    ResponsiblePerson.objects.bulk_create(rows)


def _make_access(
    entries: list[tuple[DemoKind, DemoTool, ResourceType]],
    named: dict[str, Resource],
    cast: dict[str, User],
    others: list[User],
    now: datetime,
    rng: random.Random,
) -> dict[str, frozenset[int]]:
    """Everybody may book what is open to all; the restricted ones have some 20 people each."""
    bookers = [*others, cast["ada"], cast["ben"]]
    everybody = frozenset(user.pk for user in bookers)
    allowed: dict[str, frozenset[int]] = {}
    rows: list[ResourceAccess] = []
    for _kind, tool, _row in entries:
        if not tool.restricted:
            allowed[tool.name] = everybody
            continue
        # Ben knows them all, Ada those that students are let in to.
        people = [*rng.sample(others, _REGULARS), cast["ben"], cast["chris"]]
        if tool.name.startswith(("Super", "Cell sorter", "Mask", "Spin", "NMR")):
            people.append(cast["ada"])
        allowed[tool.name] = frozenset(user.pk for user in people[:_REGULARS])
        rows.extend(
            ResourceAccess(
                user=user,
                resource=named[tool.name],
                granted_by=cast["chris"],
                granted_at=now - rng.randint(60, 300) * DAY,
                expires_at=now + rng.randint(60, 400) * DAY if rng.random() < 0.4 else None,  # noqa: PLR2004
            )
            for user in people
        )
    ResourceAccess.objects.bulk_create(rows)
    return allowed


def _make_policies(named: dict[str, Resource], kinds: dict[str, ResourceType]) -> None:
    everywhere = (
        (Limit.MIN_LENGTH, "", 10),
        (Limit.MAX_LENGTH, "", 2880),
        (Limit.HORIZON, "", 90 * 1440),
        (Limit.HORIZON, Role.STUDENT, 30 * 1440),
        (Limit.MINUTES_PER_DAY, Role.STUDENT, 8 * 60),
        (Limit.MINUTES_PER_WEEK, Role.STUDENT, 30 * 60),
        (Limit.ACTIVE_BOOKINGS, Role.STUDENT, 15),
        (Limit.ACTIVE_BOOKINGS, Role.RESEARCHER, 30),
        (Limit.CANCEL_NOTICE, "", 120),
    )
    rows = [BookingPolicy(limit=limit, role=role, value=value) for limit, role, value in everywhere]
    of_kind = (
        ("Light microscope", Limit.MAX_LENGTH, Role.STUDENT, 4 * 60),
        ("Electron microscope", Limit.CANCEL_NOTICE, "", 1440),
        ("Thermocycler", Limit.MIN_LENGTH, "", 30),
        ("Room or bench", Limit.MAX_LENGTH, "", 4 * 60),
    )
    rows += [
        BookingPolicy(limit=limit, role=role, value=value, resource_type=kinds[name])
        for name, limit, role, value in of_kind
    ]
    of_resource = (
        ("NMR 400", Limit.MAX_LENGTH, "", 2 * 60),
        ("Cell sorter 1", Limit.LEAD_TIME, "", 1440),
    )
    rows += [
        BookingPolicy(limit=limit, role=role, value=value, resource=named[name])
        for name, limit, role, value in of_resource
    ]
    BookingPolicy.objects.bulk_create(rows)


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
