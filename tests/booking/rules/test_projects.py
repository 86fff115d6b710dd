"""What a booking may be charged to."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from accounts.enums import Role
from booking.rules import RULES, check_project
from booking.rules.request import ProjectFacts
from labitory.lib.periods import Period
from tests.factories.requests import NOW, ask, span


def project(**changes: Any) -> ProjectFacts:
    """Ada's project, valid in March 2026."""
    plain: dict[str, Any] = {
        "id": 3,
        "public_id": UUID(int=3),
        "name": "Light",
        "code": "DFG-1",
        "is_member": True,
        "is_active": True,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, 31),
        "covers_resource": True,
    }
    return ProjectFacts(**{**plain, **changes})


def codes(period: Period | None = None, **changes: Any) -> list[str]:
    return [each.code for each in check_project(ask(period, project=project(**changes)))]


def test_without_a_project_nothing_is_asked() -> None:
    assert check_project(ask()) == []


def test_a_good_project_is_charged() -> None:
    assert codes() == []


def test_a_strangers_project_is_refused_and_not_told() -> None:
    refusals = check_project(
        ask(project=project(is_member=False, is_active=False, covers_resource=False))
    )
    assert [each.code for each in refusals] == ["project.member"]
    assert "Light" not in refusals[0].text
    assert refusals[0].overridable_by is None
    assert refusals[0].field == "project"


def test_a_closed_project_is_refused() -> None:
    assert codes(is_active=False) == ["project.active"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "allowed"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), True),
        (date(2026, 3, 3), None, False),
        (date(2026, 1, 1), date(2026, 3, 1), False),
        (date(2026, 1, 1), None, True),
    ],
)
def test_the_day_lies_within(starts_on: date, ends_on: date | None, allowed: bool) -> None:
    found = codes(starts_on=starts_on, ends_on=ends_on)
    assert found == ([] if allowed else ["project.period"])


def test_days_are_the_labs_and_midnight_belongs_to_the_day_before() -> None:
    # NOW is 08:00 in the lab.
    until_midnight = Period(NOW + timedelta(hours=14), NOW + timedelta(hours=16))
    over_midnight = Period(NOW + timedelta(hours=14), NOW + timedelta(hours=16, minutes=15))
    last = {"ends_on": date(2026, 3, 2)}
    assert codes(until_midnight, **last) == []
    assert codes(over_midnight, **last) == ["project.period"]


def test_an_instrument_that_it_does_not_pay_for() -> None:
    refusals = check_project(ask(project=project(covers_resource=False)))
    assert [each.code for each in refusals] == ["project.instrument"]
    assert refusals[0].overridable_by == Role.LAB_MANAGER


def test_the_rules_are_asked_of_every_booking() -> None:
    asked = {rule.code for rule in RULES}
    assert {"project.member", "project.active", "project.period", "project.instrument"} <= asked
    assert codes(span(1, 2)) == []
