"""Waiting for time: joining the list, changing what one waits for, leaving, and the end of it."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Project, User
from booking.enums import OfferState, WaitingKind, WaitingState
from booking.errors import ActionRefused, BookingRefused, Refusal
from booking.locks import lock_offer, lock_user
from booking.models import Resource, ResourcePool, ResourceType, WaitingEntry
from booking.queries.courses import seen_hidden
from booking.queries.facts import build_request, load_resources, load_time, sane_window
from booking.queries.waiting_list import open_entries
from booking.rules import check_waiting
from booking.services._offers import give_back, record_offer
from booking.services._waiting import end_entry, record_entry
from labitory.lib.db import run_each, run_transaction
from labitory.lib.periods import Period

MOST_ENTRIES = 20
LONGEST_WAIT = timedelta(days=366)
MOST_MINUTES = 14 * 24 * 60
BATCH = 200
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWish:
    """What somebody waits for: one of resource, type or pool, and the time that would suit.

    `minutes` in one piece within the window; empty weekdays are every day (Monday is 0), the hours
    are the lab's local time, from and until, and may cross midnight.
    """

    window: Period
    minutes: int
    kind: WaitingKind = WaitingKind.HOLD
    resource_id: UUID | None = None
    type_id: UUID | None = None
    pool_id: UUID | None = None
    weekdays: frozenset[int] = field(default_factory=frozenset)
    day_from: time | None = None
    day_until: time | None = None
    project_id: UUID | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What is waited for, as rows; exactly one of the three."""

    resource: Resource | None = None
    resource_type: ResourceType | None = None
    pool: ResourcePool | None = None


def join_waiting_list(*, actor: User, wish: WaitingWish, now: datetime) -> WaitingEntry:
    """Wait for time, at the end of the order; nobody waits more than 20 times at once.

    What one could not book even if it were free is refused in the words of the rules. Raises
    `DoesNotExist` of what is waited for, `BookingRefused` and `ActionRefused`.
    """

    def work() -> WaitingEntry:
        lock_user(actor.pk)
        _require_room(actor, now)
        entry = WaitingEntry(user=actor, created_at=now)
        _fill(entry, wish, actor, now)
        _require_new(entry, now)
        entry.save()
        record_entry("waiting.joined", entry, actor=actor, now=now)
        return entry

    return run_transaction(work)


def change_waiting(
    *, actor: User, entry_id: UUID, wish: WaitingWish, now: datetime
) -> WaitingEntry:
    """Change what one waits for. Another time or place goes to the end of the order, a shorter
    piece, the purpose and the project do not.

    Raises `WaitingEntry.DoesNotExist` and what joining raises; while something is offered
    (409, answer it first).
    """

    def work() -> WaitingEntry:
        lock_user(actor.pk)
        entry = _open_entry(actor, entry_id, now)
        if entry.state == WaitingState.OFFERED:
            raise ActionRefused(
                code="waiting.offered",
                text=_("Something is offered to you for this: take it or turn it down first."),
            )
        before, minutes = _what(entry), entry.minutes
        _fill(entry, wish, actor, now)
        _require_new(entry, now)
        if _what(entry) != before or entry.minutes > minutes:
            entry.created_at, entry.missed_offers = now, 0
        entry.save()
        record_entry("waiting.changed", entry, actor=actor, now=now)
        return entry

    return run_transaction(work)


def leave_waiting_list(*, actor: User, entry_id: UUID, now: datetime) -> WaitingEntry:
    """Give up one's place; what was offered for it goes to the next.

    Raises `WaitingEntry.DoesNotExist` and `ActionRefused` (409, no longer open).
    """

    def work() -> WaitingEntry:
        lock_user(actor.pk)
        entry = _open_entry(actor, entry_id, now)
        offered = entry.offers.filter(state=OfferState.OPEN).first()
        if offered is not None:
            offer = lock_offer(offered.public_id)
            give_back(offer, OfferState.DECLINED, now=now)
            record_offer("offer.declined", offer, actor=actor, now=now)
        entry.state = WaitingState.WITHDRAWN
        entry.save(update_fields=["state"])
        record_entry("waiting.left", entry, actor=actor, now=now)
        return entry

    return run_transaction(work)


def end_waiting(*, now: datetime) -> int:
    """End the entries whose window has passed; what was not served is noted as demand, once."""
    over = (
        WaitingEntry.objects.filter(state=WaitingState.WAITING, latest__lte=now)
        .select_related("user", "resource__resource_type", "resource_type", "pool")
        .order_by("latest")[:BATCH]
    )
    return run_each(over, lambda entry: end_entry(entry, now=now))


def _open_entry(actor: User, entry_id: UUID, now: datetime) -> WaitingEntry:
    entry = WaitingEntry.objects.select_related(
        "user", "resource__resource_type", "resource_type", "pool", "project"
    ).get(public_id=entry_id, user=actor)
    if entry.state not in (WaitingState.WAITING, WaitingState.OFFERED) or entry.latest <= now:
        raise ActionRefused(
            code="waiting.over", text=_("You do not wait for this any longer: it is over.")
        )
    return entry


def _require_room(actor: User, now: datetime) -> None:
    if open_entries(now).filter(user=actor).count() >= MOST_ENTRIES:
        raise ActionRefused(
            code="waiting.too_many",
            text=_("You wait for %(n)s times already: leave one of them first.")
            % {"n": MOST_ENTRIES},
            status=422,
        )


def _fill(entry: WaitingEntry, wish: WaitingWish, actor: User, now: datetime) -> None:
    """Check the wish and write it into the entry."""
    refusals = _senseless(wish, now)
    if refusals:
        raise BookingRefused(refusals)
    scope = _find(wish, actor, now)
    _ask_rules(scope, wish, actor, now)
    # The rules refuse one that does not exist.
    project = Project.objects.get(public_id=wish.project_id) if wish.project_id else None
    entry.kind = wish.kind
    entry.resource, entry.resource_type = scope.resource, scope.resource_type
    entry.pool, entry.project = scope.pool, project
    entry.earliest, entry.latest = wish.window.start, wish.window.end
    entry.minutes, entry.weekdays = wish.minutes, sorted(wish.weekdays)
    entry.day_from, entry.day_until = wish.day_from, wish.day_until
    entry.purpose = wish.purpose.strip()


def _what(entry: WaitingEntry) -> tuple[object, ...]:
    """What an entry waits for, however long."""
    return (
        entry.resource_id,
        entry.resource_type_id,
        entry.pool_id,
        entry.earliest,
        entry.latest,
        tuple(entry.weekdays),
        entry.day_from,
        entry.day_until,
    )


def _require_new(entry: WaitingEntry, now: datetime) -> None:
    others = open_entries(now).filter(user=entry.user).exclude(pk=entry.pk)
    wanted = (_what(entry), entry.minutes)
    if any((_what(each), each.minutes) == wanted for each in others):
        raise ActionRefused(code="waiting.twice", text=_("You wait for exactly this already."))


def _find(wish: WaitingWish, actor: User, now: datetime) -> _Scope:
    """What is waited for; a hidden resource does not exist for who has no access to it."""
    if wish.resource_id is not None:
        resource = Resource.objects.select_related("resource_type").get(public_id=wish.resource_id)
        if resource.is_hidden and not seen_hidden(viewer=actor, keys=[resource.pk], now=now):
            raise Resource.DoesNotExist
        return _Scope(resource=resource)
    if wish.type_id is not None:
        return _Scope(resource_type=ResourceType.objects.get(public_id=wish.type_id))
    if wish.pool_id is not None:
        return _Scope(pool=ResourcePool.objects.get(public_id=wish.pool_id))
    raise ValueError("a wish without a place was refused before")


def _senseless(wish: WaitingWish, now: datetime) -> list[Refusal]:
    """What is wrong with the wish in itself, each thing in words."""
    found = []
    scopes = (wish.resource_id, wish.type_id, wish.pool_id)
    if sum(each is not None for each in scopes) != 1:
        text = _("Say what you wait for: one instrument, one type or one pool.")
        found.append(Refusal(code="waiting.scope", text=text, field="what"))
    if wish.window.end <= wish.window.start:
        text = _("The end must come after the start.")
        found.append(Refusal(code="waiting.order", text=text, field="latest"))
    elif wish.window.end <= now:
        text = _("That time has passed: choose one that is still to come.")
        found.append(Refusal(code="waiting.past", text=text, field="latest"))
    elif wish.window.end - now > LONGEST_WAIT:
        text = _("Nobody waits longer than a year: choose an earlier end.")
        found.append(Refusal(code="waiting.too_far", text=text, field="latest"))
    else:
        found += _too_short(wish, now)
    if any(not 0 <= day <= 6 for day in wish.weekdays):  # noqa: PLR2004 - Sunday
        text = _("A weekday is a number from 0, Monday, to 6, Sunday.")
        found.append(Refusal(code="waiting.weekdays", text=text, field="weekdays"))
    return found


def _too_short(wish: WaitingWish, now: datetime) -> list[Refusal]:
    """The piece must fit into the window that is left, and into the hours of a day."""
    left = Period(max(wish.window.start, now), wish.window.end).minutes
    if not 1 <= wish.minutes <= MOST_MINUTES:
        text = _("Say how long it must be, from a minute to two weeks.")
        return [Refusal(code="waiting.minutes", text=text, field="minutes")]
    if wish.minutes > left:
        text = ngettext(
            "Only %(n)s minute is left in that window: ask for less, or widen it.",
            "Only %(n)s minutes are left in that window: ask for less, or widen it.",
            left,
        )
        facts = {"left_minutes": left}
        return [
            Refusal(code="waiting.too_long", text=text % {"n": left}, facts=facts, field="minutes")
        ]
    if wish.minutes > _hours_of_day(wish):
        text = _(
            "That is longer than the hours of a day that you gave: ask for less, or widen them."
        )
        return [Refusal(code="waiting.hours", text=text, field="minutes")]
    return []


def _hours_of_day(wish: WaitingWish) -> int:
    """The minutes from the first to the last hour of a day; without hours days join up."""
    if wish.day_from is None and wish.day_until is None:
        return MOST_MINUTES
    opens, closes = (
        each.hour * 60 + each.minute
        for each in (wish.day_from or time.min, wish.day_until or time.min)
    )
    return (closes - opens - 1) % _DAY + 1


def _ask_rules(scope: _Scope, wish: WaitingWish, actor: User, now: datetime) -> None:
    """Refuse what the person could not book even if it were free, on any of the resources."""
    start = max(wish.window.start, now)
    period = Period(start, start + timedelta(minutes=wish.minutes))
    resources = load_resources(
        user=actor,
        window=sane_window(period, now),
        now=now,
        public_ids=_members(scope),
        project_id=wish.project_id,
    )
    facts = load_time(
        resources=resources,
        actor=actor,
        user=actor,
        window=sane_window(period, now),
        now=now,
    )
    said = [
        check_waiting(
            build_request(
                resource=resource,
                time_facts=facts,
                actor=actor,
                user=actor,
                period=period,
                now=now,
                project_id=wish.project_id,
            )
        )
        for resource in resources
    ]
    if not said:
        text = _("There is no instrument of this kind: choose another.")
        raise BookingRefused([Refusal(code="pool.empty", text=text, field="what")])
    if all(said):
        raise BookingRefused(min(said, key=len))


def _members(scope: _Scope) -> list[UUID]:
    """The resources that would do; hidden ones only by name."""
    if scope.resource is not None:
        return [scope.resource.public_id]
    members = Resource.objects.filter(is_active=True, is_hidden=False)
    if scope.pool is not None:
        members = members.filter(pools=scope.pool)
    else:
        members = members.filter(resource_type=scope.resource_type)
    return list(members.values_list("public_id", flat=True))
