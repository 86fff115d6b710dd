"""What one must have learnt to book."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from accounts.enums import Role
from booking.rules import RULES
from booking.rules.request import CourseFacts
from booking.rules.training import has_training, lacking_courses
from labitory.lib.periods import Period
from tests.factories.requests import NOW, ZONE, ask, own, span

SESSION = UUID(int=9)
DAY = timedelta(days=1)


def course(**changes: Any) -> CourseFacts:
    """A course that Ada has passed last week, for ever."""
    plain: dict[str, Any] = {
        "public_id": UUID(int=7),
        "title": "Laser safety",
        "passed_on": date(2026, 2, 23),
    }
    return CourseFacts(**{**plain, **changes})


def why(period: Period | None = None, **changes: Any) -> str:
    refusal = has_training.ask(ask(period, courses=(course(**changes),)))
    return refusal.facts["courses"][0]["why"] if refusal else ""


def test_the_rule_is_asked_and_a_manager_may_lift_it() -> None:
    assert "training.required" in {rule.code for rule in RULES}
    refusal = has_training.ask(ask(courses=(course(passed_on=None),)))
    assert refusal is not None
    assert refusal.code == "training.required"
    assert refusal.overridable_by == Role.LAB_MANAGER


def test_nothing_is_asked_where_nothing_is_required() -> None:
    assert has_training.ask(ask()) is None


def test_who_has_passed_and_who_teaches_may_book() -> None:
    assert why() == ""
    assert why(passed_on=None, teaches=True) == ""


def test_the_refusal_names_course_reason_and_next_session() -> None:
    refusal = has_training.ask(
        ask(
            courses=(
                course(passed_on=None, session_id=SESSION, session_start=NOW + DAY),
                course(public_id=UUID(int=8), title="Cryogenics", passed_on=None),
                course(),
            )
        )
    )
    assert refusal is not None
    assert "“Laser safety”, which Ada has never passed" in refusal.text
    assert "Tue 3 Mar 2026, 08:00" in refusal.text
    assert "“Cryogenics”" in refusal.text
    assert "No session with free seats is planned" in refusal.text
    first, second = refusal.facts["courses"]
    assert first["session"] == str(SESSION)
    assert (second["session"], second["why"]) == (None, "missing")


def test_who_is_signed_up_is_told_so() -> None:
    refusal = has_training.ask(
        ask(courses=(course(passed_on=None, seat_session_id=SESSION, seat_start=NOW + DAY),))
    )
    assert refusal is not None
    assert "A place is taken for Tue 3 Mar 2026, 08:00" in refusal.text
    assert refusal.facts["courses"][0]["signed_up_for"] == str(SESSION)


@pytest.mark.parametrize(
    ("expires_on", "expected"),
    [
        (date(2026, 3, 1), "expired"),
        (date(2026, 3, 2), ""),
        (None, ""),
    ],
)
def test_the_last_day_counts(expires_on: date | None, expected: str) -> None:
    assert why(expires_on=expires_on) == expected


def test_a_certificate_must_outlast_the_booking_by_days_of_the_lab() -> None:
    # NOW is 08:00 in the lab: 16 hours later is midnight, which ends the day before.
    until_midnight, over_midnight = span(14, 16), span(14, 16.25)
    last: dict[str, Any] = {"expires_on": date(2026, 3, 2)}
    assert why(until_midnight, **last) == ""
    assert why(over_midnight, **last) == "expired"
    refusal = has_training.ask(ask(over_midnight, courses=(course(**last),)))
    assert refusal is not None
    assert "expires on 2 Mar 2026, before this booking is over" in refusal.text


def test_what_has_expired_is_said_with_its_day() -> None:
    refusal = has_training.ask(ask(courses=(course(expires_on=date(2026, 2, 28)),)))
    assert refusal is not None
    assert "expired on 28 Feb 2026" in refusal.text


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(30, ""), (31, "lapsed")],
)
def test_disuse_counts_from_the_last_use(days_ago: int, expected: str) -> None:
    changes: dict[str, Any] = {
        "passed_on": date(2025, 1, 1),
        "decay_days": 30,
        "used_at": NOW - days_ago * DAY,
    }
    assert why(**changes) == expected


def test_passing_is_a_use_and_nothing_lapses_without_decay() -> None:
    assert why(passed_on=date(2026, 3, 1), decay_days=1) == ""
    assert why(passed_on=date(2020, 3, 1)) == ""


def test_an_earlier_booking_of_the_instrument_keeps_it_alive() -> None:
    far = Period(NOW + 40 * DAY, NOW + 40 * DAY + timedelta(hours=1))
    between = Period(NOW + 20 * DAY, NOW + 20 * DAY + timedelta(hours=1))
    known = course(decay_days=30)

    def asked(*bookings: Any) -> bool:
        request = ask(far, courses=(known,), own_bookings=bookings)
        return has_training.ask(request) is None

    assert not asked()
    assert asked(own(between, resource_id=10))
    assert not asked(own(between, resource_id=11))
    assert not asked(own(Period(far.end, far.end + DAY), resource_id=10))


def test_what_one_lacks_today_in_the_shape_of_the_refusal() -> None:
    today = date(2026, 3, 2)
    found = lacking_courses((course(), course(passed_on=None, title="Other")), ZONE, today)
    assert [each["title"] for each in found] == ["Other"]
    assert lacking_courses((course(passed_on=None, teaches=True),), ZoneInfo("UTC"), today) == []
