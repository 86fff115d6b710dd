"""What a series would book: every occurrence with its refusals and a repair each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from booking.enums import Limit
from booking.errors import BookingRefused, Refusal, unknown_resources
from booking.models import Booking, Resource
from booking.permissions import can_book_unasked, can_override_rules
from booking.queries.facts import around, build_request, limits_of, load_resources, load_time
from booking.queries.repairs import nearest_time
from booking.rules import check_booking
from booking.rules.approvals import ApprovalPlan, plan_approval
from booking.rules.periods import LONGEST
from booking.rules.request import BookingRequest, Claim, OwnBooking
from booking.rules.shares import is_over_quota
from labitory.lib.periods import Period, local_day
from labitory.lib.recurrence import BadRule, periods_of_rule, wall_length

USUAL_MOST = 100
# However few bookings: how far ahead of now a series may reach.
FARTHEST = timedelta(days=3 * 366)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWish:
    """A series as its asker made it: the rule, the first start, the length of each.

    `choices` say of single occurrences, by the start that the rule gives them, which other time
    they shall have; None leaves one out.
    """

    actor: User
    user: User
    resource_id: UUID
    rule: str
    first: datetime
    # From the start to the end of the first one; the others are as long by the clock of the lab.
    length: timedelta
    now: datetime
    seats: int = 1
    project_id: UUID | None = None
    choices: Mapping[datetime, Period | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One booking of a series, as it is wished; of one that stands already, which it is."""

    occurs_at: datetime
    period: Period
    # Whether somebody chose another time for it than the rule gives.
    is_chosen: bool = False
    existing: Booking | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An occurrence with what the rules said about it."""

    occurrence: Occurrence
    request: BookingRequest
    refusals: tuple[Refusal, ...]
    # What remains of them when what may be lifted is lifted.
    standing: tuple[Refusal, ...]
    # Who is asked before it stands.
    approval: ApprovalPlan
    repair: Period | None = None

    @property
    def lifted(self) -> tuple[Refusal, ...]:
        """The refusals that were overridden."""
        return tuple(each for each in self.refusals if each not in self.standing)

    @property
    def is_allowed(self) -> bool:
        """Whether it can be booked so."""
        return not self.standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPreview:
    """All occurrences in order, and how many a series may have."""

    resource: Resource
    occurrences: tuple[Weighed, ...]
    # Those that the asker wants left out.
    left_out: tuple[Occurrence, ...]
    most: int
    # Whether this actor may override everything that refuses, with a reason.
    overridable: bool

    @property
    def allowed(self) -> int:
        """How many of them could be booked."""
        return sum(each.is_allowed for each in self.occurrences)

    @property
    def refused(self) -> int:
        """How many could not."""
        return len(self.occurrences) - self.allowed

    @property
    def can_be(self) -> bool:
        """Whether any of them could be booked, if only at another time."""
        return any(each.is_allowed or each.repair for each in self.occurrences)

    @property
    def cost(self) -> Decimal | None:
        """What those that could be booked would cost together; None: none has a price."""
        costs = [each.request.cost for each in self.occurrences if each.is_allowed]
        known = [each for each in costs if each is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def shared(self) -> tuple[str, ...]:
        """What refuses each of several in the same words: said once, not every time."""
        texts = [[no.text for no in each.standing] for each in self.occurrences]
        if len(texts) < 2:  # noqa: PLR2004 - one shares nothing
            return ()
        return tuple(text for text in texts[0] if all(text in one for one in texts))


def preview_series(wish: SeriesWish) -> SeriesPreview:
    """Ask the rules about every occurrence, without booking; each no comes with one repair.

    The repair is the nearest legal time of the same length on the same resource within a day.
    Raises `BookingRefused` for what is no series at all: a bad rule, one without end, too many.
    """
    resource = find_series_resource(wish)
    wanted = occurrences_of(wish, resource)
    kept = [each for each in wanted if not is_left_out(wish, each)]
    base = load_span(wish, resource, [each.period for each in kept])
    weighed = repaired(weigh_occurrences(base, kept, actor=wish.actor, resource=resource))
    refusals = [refusal for each in weighed for refusal in each.refusals]
    return SeriesPreview(
        resource=resource,
        occurrences=tuple(weighed),
        left_out=tuple(each for each in wanted if is_left_out(wish, each)),
        most=most_of(resource),
        overridable=bool(refusals)
        and all(each.is_overridable for each in refusals)
        and can_override_rules(wish.actor, resource),
    )


def find_series_resource(wish: SeriesWish) -> Resource:
    """The resource with all that its rules need; an unknown one is refused."""
    found = load_resources(
        user=wish.user,
        window=Period(wish.now - _ONE_DAY, wish.now + FARTHEST + LONGEST),
        now=wish.now,
        public_ids=[wish.resource_id],
        project_id=wish.project_id,
    )
    if not found:
        raise unknown_resources([wish.resource_id])
    return found[0]


def most_of(resource: Resource) -> int:
    """How many bookings a series may have, by policy."""
    return limits_of(resource).get(Limit.SERIES_LENGTH, USUAL_MOST)


def length_of(wish: SeriesWish, resource: Resource) -> timedelta:
    """How long each lasts by the clock of the lab: from the hour to the hour that was typed."""
    return wall_length(wish.first, wish.length, zone=resource.zone)


def is_left_out(wish: SeriesWish, occurrence: Occurrence) -> bool:
    """Whether the asker does not want it."""
    return wish.choices.get(occurrence.occurs_at, occurrence.period) is None


def occurrences_of(wish: SeriesWish, resource: Resource) -> list[Occurrence]:
    """Every occurrence of the rule, with the times that were chosen for single ones.

    Raises `BookingRefused` for a rule that is none or has no end, for more than allowed, for none
    at all, and for what lies absurdly far away or lasts absurdly long.
    """
    most = most_of(resource)
    if not timedelta(0) < wish.length <= LONGEST:
        raise _no("period.too_long", _("Say how long each booking lasts."), "minutes")
    if not wish.now - _ONE_DAY <= wish.first <= wish.now + FARTHEST:
        raise _too_far()
    try:
        periods = periods_of_rule(
            wish.rule,
            first=wish.first,
            length=length_of(wish, resource),
            zone=resource.zone,
            most=most + 1,
        )
    except BadRule as error:
        raise _no(
            "series.rule",
            _(
                "The rule cannot be booked (%(part)s): it repeats by days, weeks, months or years "
                "and ends by COUNT or UNTIL."
            )
            % {"part": str(error)[:100]},
            "rule",
        ) from error
    if not periods:
        raise _no("series.empty", _("No day fits this rule: choose a later end."), "rule")
    if len(periods) > most:
        raise _too_many(most)
    if periods[-1].start > wish.now + FARTHEST:
        raise _too_far()
    return [_occurrence(wish, each) for each in periods]


def _occurrence(wish: SeriesWish, period: Period) -> Occurrence:
    chosen = wish.choices.get(period.start)
    if chosen is None or chosen == period:
        return Occurrence(occurs_at=period.start, period=period)
    if not wish.now - _ONE_DAY <= chosen.start < chosen.end <= wish.now + FARTHEST + LONGEST:
        raise _too_far()
    return Occurrence(occurs_at=period.start, period=chosen, is_chosen=True)


def load_span(
    wish: SeriesWish,
    resource: Resource,
    periods: Sequence[Period],
    moved: Sequence[int] = (),
) -> BookingRequest:
    """A request with the facts of the whole span, for all occurrences: one look at the time.

    The bookings `moved` in the same act stand in nobody's way.
    """
    start = min((each.start for each in periods), default=wish.first)
    end = max((each.end for each in periods), default=wish.first + wish.length)
    limit = wish.now + FARTHEST + LONGEST
    window = Period(max(start, wish.now - LONGEST), min(max(start, end), limit))
    window = window.widen(2 * _ONE_DAY, 2 * _ONE_DAY)
    facts = load_time(
        resources=[resource],
        actor=wish.actor,
        user=wish.user,
        window=window,
        now=wish.now,
        moved=moved,
    )
    return build_request(
        resource=resource,
        time_facts=facts,
        actor=wish.actor,
        user=wish.user,
        period=Period(wish.first, wish.first + wish.length),
        now=wish.now,
        seats=wish.seats,
        project_id=wish.project_id,
    )


def weigh_occurrences(
    base: BookingRequest,
    wanted: Sequence[Occurrence],
    *,
    actor: User,
    resource: Resource,
    lifts: bool = False,
) -> list[Weighed]:
    """Ask the rules about each together with those that were accepted before it, in order.

    Those whose time was chosen come after those of the rule. With `lifts` what may be overridden
    refuses nothing.
    """
    siblings: tuple[OwnBooking, ...] = ()
    found = []
    for each in sorted(wanted, key=lambda wish: (wish.is_chosen, wish.occurs_at)):
        request = _request_of(base, each, siblings)
        refusals = check_booking(request)
        standing = tuple(no for no in refusals if not (lifts and no.is_overridable))
        if not standing:
            siblings = (*siblings, request.asked)
        unasked = can_book_unasked(actor, resource, each.existing)
        found.append(
            Weighed(
                occurrence=each,
                request=request,
                refusals=tuple(refusals),
                standing=standing,
                approval=ApprovalPlan() if unasked else plan_approval(request),
            )
        )
    return sorted(found, key=lambda each: each.occurrence.occurs_at)


def repaired(weighed: Sequence[Weighed]) -> list[Weighed]:
    """The same, each refused one with the nearest time that fits in beside all the others."""
    siblings = tuple(each.request.asked for each in weighed if each.is_allowed)
    found = []
    for each in weighed:
        if each.is_allowed:
            found.append(each)
            continue
        request = replace(each.request, siblings=siblings)
        day = local_day(request.period.start, request.resource.zone)
        repair = nearest_time(request, day.widen(_ONE_DAY, _ONE_DAY + request.period.length))
        if repair is not None:
            siblings = (*siblings, replace(request, period=repair).asked)
        found.append(replace(each, repair=repair))
    return found


def _request_of(
    base: BookingRequest, each: Occurrence, siblings: tuple[OwnBooking, ...]
) -> BookingRequest:
    booking = each.existing
    existing = None
    if booking is not None:
        existing = OwnBooking(
            id=booking.pk,
            resource_id=booking.resource_id,
            type_id=booking.resource.resource_type_id,
            resource_name=booking.resource.name,
            period=booking.period,
            is_counted=booking.is_counted,
        )
    request = replace(
        near(base, each.period),
        period=each.period,
        siblings=siblings,
        existing=existing,
        seats=booking.seats if booking else base.seats,
        over_quota=False,
    )
    return replace(request, over_quota=True) if is_over_quota(request) else request


def near(base: BookingRequest, period: Period) -> BookingRequest:
    """The same request with only the facts around a period: a year has thousands of them."""
    window = around(around(period))
    resource = base.resource

    def kept(claims: Sequence[Claim]) -> tuple[Claim, ...]:
        return tuple(each for each in claims if each.during.overlaps(window))

    opened = resource.open_periods
    return replace(
        base,
        resource=replace(
            resource,
            claims=kept(resource.claims),
            linked_claims={key: kept(each) for key, each in resource.linked_claims.items()},
            open_periods=None
            if opened is None
            else tuple(each for each in opened if each.overlaps(window)),
        ),
    )


def _no(code: str, text: str, where: str) -> BookingRefused:
    return BookingRefused([Refusal(code=code, text=text, field=where)])


def _too_many(most: int) -> BookingRefused:
    text = ngettext(
        "A series here has at most %(n)d booking: choose an earlier end.",
        "A series here has at most %(n)d bookings: choose an earlier end.",
        most,
    ) % {"n": most}
    refusal = Refusal(code="series.too_many", text=text, field="rule", facts={"limit": most})
    return BookingRefused([refusal])


def _too_far() -> BookingRefused:
    return _no(
        "series.too_far",
        _("A series begins from now on and ends within three years: choose other days."),
        "start_time",
    )
