"""Draws a timeline as SVG: attributes and classes only, so that no style needs allowing.

Markup is joined here and not in a template: a week of fifty instruments is some thousand shapes.
"""

from datetime import UTC, date, datetime
from html import escape

from django import template
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from booking.enums import Status
from booking.queries.calendars import CalendarEntry
from booking.views._timeline import (
    LANE_HEIGHT,
    Block,
    Row,
    Tick,
    Timeline,
    percent,
)
from labitory.lib.formats import say_time

register = template.Library()

# Hundredths of the axis that a block needs before a name fits into it, on a day and in a week.
NARROWEST_NAMED = (2.4, 6.0)
HEADER_HEIGHT = 44


class Clock:
    """Moments as short words in the timeline's zone; each minute of the day is said once."""

    def __init__(self, timeline: Timeline) -> None:
        self.zone = timeline.axis.zone
        self.drawn_at = timeline.drawn_at
        self.is_week = len(timeline.axis.days) > 1
        self._times: dict[tuple[int, int, int], str] = {}
        self._days: dict[date, str] = {}

    def time(self, moment: datetime) -> str:
        """The time of day."""
        local = moment.astimezone(self.zone)
        key = (local.hour, local.minute, local.fold)
        if key not in self._times:
            self._times[key] = say_time(local)
        return self._times[key]

    def day(self, moment: datetime) -> str:
        """The short weekday, which is plain enough within one week."""
        day = moment.astimezone(self.zone).date()
        if day not in self._days:
            self._days[day] = date_format(day, "D" if self.is_week else "D j M")
        return self._days[day]

    def span(self, start: datetime, end: datetime) -> str:
        """From when to when; days are named where they are not plain from the page."""
        same_day = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        if same_day:
            times = f"{self.time(start)}–{self.time(end)}"
            return f"{self.day(start)} {times}" if self.is_week else times
        return f"{self.day(start)} {self.time(start)} – {self.day(end)} {self.time(end)}"


@register.simple_tag
def timeline_clock(timeline: Timeline) -> Clock:
    """The clock that all rows of a timeline share: `{% timeline_clock timeline as clock %}`."""
    return Clock(timeline)


@register.simple_tag
def timeline_defs(timeline: Timeline) -> SafeString:
    """The hatches, and the grounds that rows share: closed time, open time and the hours."""
    axis = timeline.axis
    every = 1 if len(axis.days) == 1 else 6
    lines = "".join(_line(tick.x, "tl-hour") for tick in axis.hours(every))
    share = 100 / len(axis.days)
    lines += "".join(_line(n * share, "tl-day") for n in range(1, len(axis.days)))
    grounds = "".join(
        f'<symbol id="tl-open-{number}"><rect width="100%" height="100%" fill="url(#tl-closed)"/>'
        + "".join(f'<rect {box.attributes} height="100%" class="tl-open"/>' for box in hours)
        + f"{lines}</symbol>"
        for number, hours in enumerate(timeline.hours)
    )
    now = "" if timeline.now is None else _line(timeline.now, "tl-now")
    return mark_safe(  # noqa: S308 - numbers and fixed words only
        '<svg width="0" height="0" aria-hidden="true" focusable="false" class="tl-defs"><defs>'
        '<pattern id="tl-closed" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="8" height="8" class="tl-closed-ground"/>'
        '<path d="M0 0V8" class="tl-closed-line"/></pattern>'
        '<pattern id="tl-buffer" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(-45)"><path d="M0 0V5" class="tl-buffer-line"/></pattern>'
        '<pattern id="tl-works" width="10" height="10" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="10" height="10" class="tl-works-ground"/>'
        '<path d="M0 0V10" class="tl-works-line"/></pattern></defs>'
        f'{grounds}<symbol id="tl-now">{now}</symbol></svg>'
    )


def _line(x: float, name: str) -> str:
    place = percent(x)
    return f'<line x1="{place}" x2="{place}" y1="0" y2="100%" class="{name}"/>'


@register.simple_tag
def timeline_header(
    timeline: Timeline, clock: Clock, today: str = "", width: str = ""
) -> SafeString:
    """Days and hours above the rows; a narrow strip has room for every third hour."""
    axis = timeline.axis
    parts = []
    share = 100 / len(axis.days)
    for number, day in enumerate(axis.days):
        local = day.start.astimezone(axis.zone)
        name = "tl-date tl-today" if f"{local:%Y-%m-%d}" == today else "tl-date"
        middle = percent((number + 0.5) * share)
        parts.append(
            f'<text x="{middle}" y="17" text-anchor="middle" class="{name}">'
            f"{escape(date_format(local, 'D j M'))}</text>"
        )
        if number:
            parts.append(_line(number * share, "tl-day"))
    every = 6 if len(axis.days) > 1 else 3 if width == "tl-strip" else 1
    parts += [
        _hour_label(tick, axis.days[0].start, number)
        for number, tick in enumerate(axis.hours(every))
    ]
    return mark_safe(  # noqa: S308 - each text is escaped above
        f'<svg width="100%" height="{HEADER_HEIGHT}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _hour_label(tick: Tick, first: datetime, number: int) -> str:
    # The first label would lie half outside: it starts at the edge instead.
    anchor = "start" if number == 0 and tick.moment == first else "middle"
    return (
        f'<text x="{percent(tick.x)}" y="37" text-anchor="{anchor}" class="tl-hour-label">'
        f"{tick.label}</text>"
    )


@register.simple_tag
def timeline_row(row: Row, clock: Clock) -> SafeString:
    """One resource's line: closed time hatched, free time to click, entries on top."""
    return mark_safe(  # noqa: S308 - each text is escaped where it is written
        f'<svg width="100%" height="{row.height}" class="tl-row">'
        f'<use href="#tl-open-{row.hours}"/>{_free(row, clock)}'
        f"{''.join(_block(row, block, clock) for block in row.blocks)}{_wish(row)}"
        '<use href="#tl-now"/></svg>'
    )


def _wish(row: Row) -> str:
    if row.wish is None:
        return ""
    return f'<rect {row.wish.attributes} y="2" height="{row.height - 4}" class="tl-wish"/>'


def _free(row: Row, clock: Clock) -> str:
    address = f"{reverse('booking:booking_new')}?resource={row.resource.code}&amp;start="
    parts = []
    for cell in row.free:
        label = escape(_free_label(clock, cell.start))
        start = f"{cell.start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        stop = "" if cell.is_first else ' tabindex="-1"'
        parts.append(
            f'<a href="{address}{start}"{stop}><title>{label}</title>'
            f"<rect {cell.box.attributes}/></a>"
        )
    return f'<g class="tl-free">{"".join(parts)}</g>' if parts else ""


def _free_label(clock: Clock, start: datetime) -> str:
    when = clock.time(start)
    if clock.is_week:
        when = f"{clock.day(start)} {when}"
    return _("Book %(when)s") % {"when": when}


def _block(row: Row, block: Block, clock: Clock) -> str:
    entry = block.entry
    title = escape(entry.title or _("Booked"))
    span = clock.span(entry.start_time, entry.end_time)
    label = f"{escape(span)} {title}{escape(_suffix(entry, clock))}"
    shape = f"<title>{label}</title>{_shape(row, block, title, clock)}"
    # The style sheet says where the first lane lies: most blocks are there.
    lane = f' transform="translate(0 {block.lane * LANE_HEIGHT})"' if block.lane > 0 else ""
    names = _names(entry)
    address = _address(entry)
    if address:
        return f'<a href="{address}" class="{names}"{lane}>{shape}</a>'
    return f'<g role="img" class="{names}"{lane}>{shape}</g>'


def _shape(row: Row, block: Block, title: str, clock: Clock) -> str:
    """The booked time with its buffers; an SVG of its own cuts a name at its edge."""
    entry, box = block.entry, block.box
    if block.lane < 0:
        # A class of its own: a fill in the style sheet would win over the hatching.
        return (
            f'<svg {box.attributes} height="{row.height}"><rect width="100%" height="100%" '
            f'class="tl-works" fill="url(#tl-works)"/><text x="7" y="22">{title}</text></svg>'
        )
    shape = f'<rect {box.attributes} class="tl-body"/>'
    if block.claim != box:
        shape = f'<rect {block.claim.attributes} fill="url(#tl-buffer)"/>{shape}'
    if entry.is_mine:
        shape += f'<rect x="{percent(box.x)}" class="tl-edge"/>'
    if box.width >= NARROWEST_NAMED[clock.is_week]:
        shape += f'<svg {box.attributes}><text x="7" y="21">{title}</text></svg>'
    return shape


def _names(entry: CalendarEntry) -> str:
    names = ["tl-block"] if entry.kind == "booking" else ["tl-block", f"tl-{entry.kind}"]
    if entry.is_mine:
        names.append("tl-mine")
    if entry.status == Status.PENDING:
        names.append("tl-pending")
    elif entry.status == Status.CHECKED_IN:
        names.append("tl-running")
    elif entry.status == Status.COMPLETED:
        names.append("tl-used")
    return " ".join(names)


def _suffix(entry: CalendarEntry, clock: Clock) -> str:
    """What colour and shape say, in words."""
    words = []
    if entry.is_mine:
        words.append(_("yours"))
    if entry.status and entry.status != Status.CONFIRMED:
        words.append(str(Status(entry.status).label).lower())
    if entry.status == Status.CHECKED_IN and entry.end_time <= clock.drawn_at:
        words.append(_("over its time"))
    return f" ({', '.join(words)})" if words else ""


def _address(entry: CalendarEntry) -> str:
    if not entry.is_visible or entry.kind not in ("booking", "linked"):
        return ""
    return reverse("booking:booking_detail", args=[entry.id])
