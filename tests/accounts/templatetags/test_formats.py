"""Dates and times as the reader writes them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from accounts.enums import DateFormat, TimeFormat
from labitory.lib.formats import Formats, say_wall, use_formats

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
END = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def render(source: str, **values: object) -> str:
    return Template("{% load formats %}" + source).render(Context(values))


@pytest.fixture(autouse=True)
def _in_the_lab() -> Iterator[None]:
    with timezone.override(BERLIN):
        yield


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        (Formats(), "2 Mar 2026, 14:00"),
        (Formats(DateFormat.ISO, TimeFormat.HOURS_12), "2026-03-02, 2:00 PM"),
        (Formats(DateFormat.DAY_FIRST, TimeFormat.HOURS_24), "02.03.2026, 14:00"),
        (Formats(DateFormat.SLASHED, TimeFormat.HOURS_24), "02/03/2026, 14:00"),
        (Formats(DateFormat.MONTH_FIRST, TimeFormat.HOURS_24), "03/02/2026, 14:00"),
    ],
)
def test_moment_follows_the_chosen_formats(formats: Formats, expected: str) -> None:
    with use_formats(formats):
        assert render("{{ at|user_datetime }}", at=MOMENT) == expected


def test_element_carries_the_machine_time() -> None:
    assert render("{% show_datetime at %}", at=MOMENT) == (
        '<time datetime="2026-03-02T14:00:00+01:00">2 Mar 2026, 14:00</time>'
    )


def test_zone_is_named_only_where_its_clocks_differ_from_the_labs() -> None:
    with timezone.override(ZoneInfo("Europe/Paris")):
        assert "zone" not in render("{% show_time at %}", at=MOMENT)
    with timezone.override(ZoneInfo("America/New_York")):
        shown = render("{% show_time at %}", at=MOMENT)
        assert ">08:00</time>" in shown
        assert '<span class="zone">America/New York</span>' in shown
        assert render("{{ at|user_datetime }}", at=MOMENT) == (
            "2 Mar 2026, 08:00 (America/New York)"
        )


def test_period_says_its_day_once() -> None:
    assert ">2 Mar 2026, 14:00\u201315:30</time>" in render(
        "{% show_period start end %}", start=MOMENT, end=END
    )
    assert ">Mon 2 Mar 2026, 14:00\u201315:30</time>" in render(
        "{% show_slot start end %}", start=MOMENT, end=END
    )
    overnight = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    assert ">Mon 2 Mar 2026, 14:00 \u2013 Tue 3 Mar 2026, 06:00</time>" in render(
        "{% show_slot start end %}", start=MOMENT, end=overnight
    )
    assert render("{{ start|user_period:end }}", start=MOMENT, end=overnight) == (
        "2 Mar 2026, 14:00 \u2013 3 Mar 2026, 06:00"
    )


def test_a_clock_on_the_wall_is_not_the_readers() -> None:
    beside_it = MOMENT.astimezone(ZoneInfo("America/New_York"))
    assert say_wall(beside_it) == "Mon 2 Mar 2026, 08:00"


def test_day_is_the_readers_day() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert render("{% show_date at %}", at=late) == '<time datetime="2026-03-03">3 Mar 2026</time>'
    assert ">Tue 3 Mar 2026<" in render("{% show_day at %}", at=late)
    assert render("{{ day|user_date }}", day=date(2026, 3, 2)) == "2 Mar 2026"


def test_hour_that_occurs_twice_names_its_offset() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert render("{{ at|user_time }}", at=first) == "02:30 CEST"
    assert render("{{ at|user_time }}", at=second) == "02:30 CET"
    assert render("{{ at|user_time }}", at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == "03:30"


def test_opening_hour_has_no_zone_and_midnight_is_shown() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert render("{% show_time at %}", at=time(0)) == '<time datetime="00:00">00:00</time>'
    assert render("{{ at|user_time }}", at=time(0)) == "00:00"


def test_nothing_is_shown_for_nothing() -> None:
    source = "{% show_datetime x %}{% show_date x %}{% show_day x %}{% show_time x %}"
    assert (
        render(source + "{% show_period x x %}{{ x|user_period:x }}{{ x|user_time }}", x=None) == ""
    )


def test_month_is_written_in_the_active_language() -> None:
    with translation.override("de"):
        assert render("{{ at|user_date }}", at=MOMENT) == "2 Mär 2026"
