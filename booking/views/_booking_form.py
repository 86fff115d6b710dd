"""What the pages with a booking form share: prefilling, picking an offer, preview, context."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import BookingError, Refusal, Repair
from booking.forms._moments import active_zone
from booking.forms.bookings import POOL_PREFIX, BookingForm, show_refusals
from booking.models import Booking, Resource
from booking.queries.calendars import calendar_entries, open_periods
from booking.queries.choices import (
    USUAL_LENGTH,
    bookable_choices,
    meant_resources,
    other_choices,
    resource_with_usual_length,
)
from booking.queries.faults import outage_facts
from booking.queries.previews import preview_booking
from booking.queries.quotas import my_quotas
from booking.queries.templates import named_templates
from booking.rules.request import FaultFacts
from booking.rules.shares import Balance
from booking.views._prefill import prefilled
from booking.views._timeline import Timeline, build_timeline, make_axis
from labitory.lib.http import lab_zone
from labitory.lib.periods import Period, local_midnight

MOST_REPAIRS = 3
LONGEST_STRIP_DAYS = 3
_PICK_PARTS = 3
_TAKEN = frozenset({"conflict.taken", "conflict.linked", "conflict.lost_race"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the form says about a wish, whether it was only asked or really tried."""

    refusals: tuple[Refusal, ...] = ()
    repairs: tuple[Repair, ...] = ()
    needs_approval: bool = False
    holds_time: bool = True
    overridable: bool = False
    was_tried: bool = False
    # What would be left of each quota that counts it.
    balances: tuple[Balance, ...] = ()
    # What is wrong with the resources, though it refuses nothing.
    faults: tuple[FaultFacts, ...] = ()
    # What it would cost; None: it has no price.
    cost: Decimal | None = None

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.refusals

    @property
    def is_taken(self) -> bool:
        """Whether somebody else has the time, so that waiting for it makes sense."""
        return any(each.code in _TAKEN for each in self.refusals)


def answer_of_error(error: BookingError, form: BookingForm) -> Answer:
    """A service's no as the form shows it."""
    return Answer(
        refusals=error.refusals,
        repairs=error.repairs[:MOST_REPAIRS],
        overridable=bool(error.refusals)
        and all(refusal.is_overridable for refusal in error.refusals)
        and form.may_override,
        was_tried=True,
    )


def refuse(form: BookingForm, error: BookingError) -> Answer:
    """Show a service's no in the form; who insists without a reason is asked for one."""
    show_refusals(form, error)
    answer = answer_of_error(error, form)
    if answer.overridable and "insist" in form.data and not form.cleaned_data.get("override"):
        form.add_error("override", _("Say why: an exception needs a reason."))
    return answer


def ask_rules(
    *, form: BookingForm, actor: User, now: datetime, existing: Booking | None = None
) -> Answer | None:
    """What the rules would say to a valid form; a pool is decided when it is booked."""
    if form.pool is not None:
        return None
    preview = preview_booking(
        actor=actor,
        user=existing.user if existing else form.holder,
        resource_ids=[resource.public_id for resource in form.resources],
        period=form.period,
        now=now,
        seats=existing.seats if existing else form.cleaned_data["seats"],
        existing=existing,
        project_id=existing.charged_to if existing else form.cleaned_data["project"],
    )
    return Answer(
        refusals=preview.refusals,
        repairs=preview.repairs[:MOST_REPAIRS],
        needs_approval=preview.needs_approval,
        holds_time=preview.holds_time,
        overridable=preview.overridable,
        balances=preview.balances,
        faults=preview.faults,
        cost=preview.cost,
    )


def picked(data: QueryDict) -> QueryDict:
    """The posted form, with the offer whose button was pressed put in place.

    `pick` is `resource|start|end`; anything else leaves the form as it was typed.
    """
    parts = data.get("pick", "").split("|")
    if len(parts) != _PICK_PARTS:
        return data
    changed = data.copy()
    resource, changed["start_time"], changed["end_time"] = parts
    if not changed.get("resource", "").startswith(POOL_PREFIX):
        changed["resource"] = resource
    return changed


def linked_form(request: HttpRequest, actor: User) -> BookingForm:
    """The form of a link: filled in when it names an instrument and a start, else empty.

    A missing end is the start and the person's usual length.
    """
    query = prefilled(request, actor)
    word, start = query.get("resource", ""), query.get("start") or query.get("start_time")
    if not word or not start:
        return BookingForm(actor=actor, initial=query.dict())
    if query is not request.GET:
        # What is made again is looked over before it is asked about.
        again = {"start_time": start, "end_time": query["end"], "also": query.getlist("also")}
        return BookingForm(actor=actor, initial={**query.dict(), **again})
    data = query.copy()
    data["start_time"], end = start, query.get("end") or query.get("end_time")
    known: dict[str, Resource] = {}
    if not end and not word.startswith(POOL_PREFIX):
        resource, length = resource_with_usual_length(user=actor, word=word)
        known = {word: resource} if resource else {}
        end = _after(start, length)
    data["end_time"] = end or _after(start, USUAL_LENGTH)
    return BookingForm(data, actor=actor, known=known)


def _after(start: str, length: timedelta) -> str:
    try:
        return (datetime.fromisoformat(start) + length).isoformat()
    except (ValueError, OverflowError):
        return ""


def page_context(
    *,
    form: BookingForm,
    actor: User,
    now: datetime,
    answer: Answer | None,
    payer: User | None = None,
) -> dict[str, Any]:
    """What a whole page with the form shows.

    A refusal comes with offers instead of the day around it: both would cost too many queries.
    """
    chosen = str(form["resource"].value() or "")
    wanted = [chosen] if chosen and not chosen.startswith(POOL_PREFIX) else []
    also = (form["also"].value() or []) if "also" in form.fields else []
    is_refused = answer is not None and not answer.allowed
    return {
        **answer_context(form=form, actor=actor, now=now, answer=answer, with_strip=not is_refused),
        **({} if answer else before_a_time(form=form, actor=actor, now=now)),
        "choices": bookable_choices(viewer=actor, now=now, wanted=wanted, with_pools=False),
        "others": other_choices(user=payer or form.holder, at=_moment_of(form, now)),
        "chosen": chosen,
        # Offered where nothing is filled in yet.
        "templates": [] if form.is_bound else named_templates(actor),
        "also_chosen": [str(word) for word in also],
        "zone": "" if active_zone() == lab_zone() else active_zone().key,
    }


def before_a_time(*, form: BookingForm, actor: User, now: datetime) -> dict[str, Any]:
    """What is known of the chosen instrument before a time is: quotas, and what is broken."""
    word = str(form["resource"].value() or "")
    if not word or word.startswith(POOL_PREFIX):
        return {}
    resource = form.resources[0] if form.resources else meant_resources([word]).get(word)
    if resource is None:
        return {}
    viewer = form.holder if form.is_bound else actor
    quotas = my_quotas(viewer=viewer, now=now, resource=resource)
    return {
        "left": tuple(each.balance for each in quotas),
        "outage": outage_facts(resource, now=now),
    }


def _moment_of(form: BookingForm, now: datetime) -> datetime:
    """When the booking would begin, as far as that was typed."""
    start: datetime | None = getattr(form, "cleaned_data", {}).get("start_time")
    return start or now


def answer_context(
    *,
    form: BookingForm,
    actor: User,
    now: datetime,
    answer: Answer | None,
    with_strip: bool = True,
) -> dict[str, Any]:
    """What the rules' answer shows: refusals, offers, and the day around the wish."""
    return {
        "form": form,
        "answer": answer,
        "strip": day_strip(form=form, actor=actor, now=now) if with_strip else None,
        "most_seats": max((resource.capacity for resource in form.resources), default=1),
    }


def day_strip(*, form: BookingForm, actor: User, now: datetime) -> Timeline | None:
    """The chosen resources on the days of the wish: neighbours, set-up, closed hours."""
    start = getattr(form, "cleaned_data", {}).get("start_time")
    end = getattr(form, "cleaned_data", {}).get("end_time")
    if not start or not form.resources:
        return None
    wish = Period(start, end) if end and end > start else None
    last = wish.end if wish else start
    zone = active_zone()
    first = start.astimezone(zone).date()
    days = (last.astimezone(zone).date() - first).days + 1
    return resource_strip(
        viewer=actor,
        resources=form.resources,
        start=start,
        days=min(max(days, 1), LONGEST_STRIP_DAYS),
        now=now,
        wish=wish,
    )


def resource_strip(
    *,
    viewer: User,
    resources: Sequence[Resource],
    start: datetime,
    days: int,
    now: datetime,
    wish: Period | None = None,
) -> Timeline:
    """A timeline of a few resources, for some days from the one that holds `start`."""
    zone = active_zone()
    first = start.astimezone(zone).date()
    window = Period(local_midnight(first, zone), local_midnight(first + timedelta(days=days), zone))
    entries = calendar_entries(
        viewer=viewer,
        resource_ids=[resource.pk for resource in resources],
        window=window,
        now=now,
    )
    opened = open_periods(resources=resources, window=window)
    busy = [Period(e.start_time, e.end_time) for e in entries if e.kind == "booking"]
    busy += [period for periods in opened.values() for period in periods]
    axis = make_axis(first=first, days=days, zone=zone, busy=[*busy, *([wish] if wish else [])])
    return build_timeline(
        axis=axis,
        resources=resources,
        entries=entries,
        open_periods=opened,
        now=now,
        cell=timedelta(hours=1) if days == 1 else None,
        wish=wish,
    )
