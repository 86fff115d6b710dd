"""What a reader can do at an instrument now: begin, stay longer, finish, or start at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from booking.enums import Moment, Status
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.check_ins import AnswersForm, FinishForm, StartForm
from booking.models import Booking, Question, Resource
from booking.queries.check_in_times import PossibleEnds, ends_for_extension, ends_for_start
from booking.queries.check_ins import (
    LastUse,
    LeftBehind,
    NextPerson,
    last_use,
    left_behind,
    next_person,
)
from booking.queries.questions import asked_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One act and what belongs to it: `check_in`, `finish`, `start`, or none."""

    act: str = ""
    booking: Booking | None = None
    form: AnswersForm | None = None
    ends: PossibleEnds = field(default_factory=PossibleEnds)
    next: NextPerson | None = None
    left: LeftBehind | None = None
    is_over: bool = False
    # Where to come back to.
    back: str = ""


def use_of_booking(
    *, viewer: User, booking: Booking, now: datetime, act: str, last: LastUse | None = None
) -> Use:
    """The act on one booking that the reader may take now; how long one may stay has a page."""
    if act == "finish":
        return to_finish(viewer=viewer, booking=booking, now=now, with_ends=False)
    if act == "check_in":
        return to_check_in(viewer=viewer, booking=booking, now=now, last=last)
    return Use()


def to_check_in(
    *,
    viewer: User,
    booking: Booking,
    now: datetime,
    form: AnswersForm | None = None,
    last: LastUse | None = None,
    asks: bool = True,
) -> Use:
    """Beginning: what is asked before, and how the one before left it."""
    last = last or last_use(resource=booking.resource, now=now)
    return Use(
        act="check_in",
        booking=booking,
        form=form or AnswersForm(questions=_asked(booking.resource, Moment.START, asks=asks)),
        left=left_behind(viewer=viewer, resource=booking.resource, last=last),
    )


def to_finish(
    *,
    viewer: User,
    booking: Booking,
    now: datetime,
    form: AnswersForm | None = None,
    with_ends: bool = True,
    with_next: bool = True,
    asks: bool = True,
) -> Use:
    """Finishing or staying: what is asked after, who is next, until when one may stay."""
    return Use(
        act="finish",
        booking=booking,
        form=form or FinishForm(questions=_asked(booking.resource, Moment.END, asks=asks)),
        ends=ends_for_extension(actor=viewer, booking=booking, now=now)
        if with_ends
        else PossibleEnds(),
        next=next_person(viewer=viewer, resource=booking.resource, now=now, but=booking)
        if with_next
        else None,
        is_over=booking.end_time <= now,
    )


def to_start(
    *,
    viewer: User,
    resource: Resource,
    now: datetime,
    form: AnswersForm | None = None,
    last: LastUse | None = None,
    loaded: Resource | None = None,
    asks: bool = True,
) -> Use:
    """Walking up to it: until when it may be had, what is asked, how it was left."""
    ends = ends_for_start(user=viewer, resource_id=resource.public_id, now=now, loaded=loaded)
    if not ends.ends and form is None:
        return Use(ends=ends)
    last = last or last_use(resource=resource, now=now)
    return Use(
        act="start",
        form=form or StartForm(questions=_asked(resource, Moment.START, asks=asks)),
        ends=ends,
        left=left_behind(viewer=viewer, resource=resource, last=last),
    )


def use_of_instrument(
    *,
    viewer: User,
    resource: Resource,
    own: Sequence[Any],
    last: LastUse,
    now: datetime,
    loaded: Resource | None = None,
    is_public: bool = False,
    asks: bool = True,
) -> Use:
    """The act that is open to the reader at the instrument: finishing before beginning.

    On a screen that everybody sees nobody is named. `asks` is false where nothing is asked.
    """
    chosen = chosen_of(own, now)
    if chosen is None:
        use = to_start(
            viewer=viewer, resource=resource, now=now, last=last, loaded=loaded, asks=asks
        )
    else:
        chosen.resource = resource
        use = _use_of(viewer, chosen, last, now, with_next=not is_public, asks=asks)
    if not is_public or use.left is None:
        return use
    return replace(use, left=replace(use.left, name=""))


def _use_of(
    viewer: User, chosen: Booking, last: LastUse, now: datetime, *, with_next: bool, asks: bool
) -> Use:
    if chosen.status == Status.CHECKED_IN:
        return to_finish(viewer=viewer, booking=chosen, now=now, with_next=with_next, asks=asks)
    return to_check_in(viewer=viewer, booking=chosen, now=now, last=last, asks=asks)


def _asked(resource: Resource, moment: Moment, *, asks: bool) -> list[Question]:
    return asked_questions(resource, moment) if asks else []


def chosen_of(own: Sequence[Any], now: datetime) -> Any:  # noqa: ANN401 - a booking with its terms
    """Of the reader's bookings the one that runs, else the one that can begin, else None."""
    running = next((each for each in own if each.status == Status.CHECKED_IN), None)
    return running or next((each for each in own if can_begin(each, now)), None)


def following_of(own: Sequence[Any], now: datetime) -> Any:  # noqa: ANN401 - as above
    """The reader's booking after that."""
    over = (Status.CHECKED_IN,)
    return next(
        (each for each in own if each.status not in over and not can_begin(each, now)), None
    )


def can_begin(booking: Any, now: datetime) -> bool:  # noqa: ANN401 - a booking with its terms
    """Whether its time to check in is now; of a booking that came with its terms."""
    return (
        booking.status == Status.CONFIRMED
        and booking.check_in_from <= now < booking.end_time
        and (booking.lapses_at is None or now < booking.lapses_at)
    )


def asks_again(form: AnswersForm, error: BookingError) -> bool:
    """Whether the no is about what was typed; it then stands at its fields."""
    fields = {*form.fields, "answers"}
    if not any(refusal.field in fields for refusal in error.refusals):
        return False
    show_refusals(form, error)
    return True


def come_back(request: HttpRequest, resource: Resource) -> str:
    """Where the button stood, when that is a page of ours; no other address is believed."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    known = (
        reverse("booking:home"),
        reverse("booking:instrument", args=[resource.code]),
        reverse("booking:kiosk", args=[resource.code]),
    )
    return wanted if wanted in known else ""
