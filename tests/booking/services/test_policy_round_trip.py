"""Whatever a policy file can say is written, read and applied without a difference."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import User
from booking.enums import (
    LIMIT_WORDS,
    ApprovalMode,
    ApproverKind,
    Limit,
    Measure,
    Needed,
    QuotaHolder,
    QuotaPeriod,
)
from booking.models import Resource
from booking.services._policy_example_lines import ExampleLine
from booking.services._policy_file import PolicyFile, read_file, write_file
from booking.services._policy_lines import (
    ApprovalLine,
    LimitLine,
    PriceLine,
    QuotaLine,
    StepLine,
)
from booking.services.policy_sets import apply_policies, export_policies, preview_policies
from tests.factories.prices import make_class

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
ROLES = st.sampled_from(["", *Role.values])
MINUTES = st.one_of(st.none(), st.integers(1, 525_600))
# Words that YAML would take for something else are words here as well.
NAMES = st.one_of(
    st.sampled_from(["no", "1", "null", "a: b", "- x", "#1", "'", '"', "über", "x\u2028y"]),
    st.text("abc XYZ0.:-#{}[]&*!|>'\"%@`äß", min_size=1, max_size=30),
).map(str.strip)
PLACES: Any = st.sampled_from([{}, {"resource": "Confocal 1"}, {"type": "Confocal microscope"}])
STEPS = st.lists(
    st.builds(
        lambda who, **more: StepLine(**who, **more),
        who=st.sampled_from(
            [
                *({"ask": kind} for kind in ("responsible", "lead", "supervisor")),
                {"ask": "role", "role": "lab_manager"},
                {"ask": "person", "person": "ben"},
            ]
        ).map(lambda words: {**words, "ask": ApproverKind(words["ask"])}),
        agree=st.sampled_from(Needed),
        over_minutes=MINUTES,
        over_cost=st.one_of(st.none(), st.decimals(0, 99_999_999, places=2)),
        outside_hours=st.booleans(),
        for_roles=st.sets(st.sampled_from(Role.values)).map(lambda roles: tuple(sorted(roles))),
    ),
    min_size=1,
    max_size=6,
).map(tuple)


def limits() -> st.SearchStrategy[LimitLine]:
    def line(limit: Limit, value: int | None, role: str, place: dict[str, str]) -> LimitLine:
        most = 5_256_000 if LIMIT_WORDS[limit] == "minutes" else 1000
        return LimitLine(
            limit=limit, value=None if value is None else value % most, role=role, **place
        )

    value = st.one_of(st.none(), st.integers(0, 5_256_000))
    return st.builds(line, st.sampled_from(Limit), value, ROLES, PLACES)


def approvals() -> st.SearchStrategy[ApprovalLine]:
    return st.builds(
        lambda place, **more: ApprovalLine(**place, **more),
        place=PLACES,
        name=NAMES.filter(bool),
        role=ROLES,
        mode=st.sampled_from(ApprovalMode),
        holds_slot=st.booleans(),
        answer_hours=st.integers(1, 2160),
        over_minutes=st.integers(1, 525_600),
        outside_hours=st.booleans(),
        first_booking=st.booleans(),
        steps=STEPS,
    )


def quotas() -> st.SearchStrategy[QuotaLine]:
    def line(period: QuotaPeriod, days: int, carry: int, **more: Any) -> QuotaLine:
        rolling = period == QuotaPeriod.ROLLING
        place = more.pop("place")
        return QuotaLine(
            period=period,
            rolling_days=days if rolling else None,
            carry_percent=0 if rolling else carry,
            **place,
            **more,
        )

    amounts = st.integers(0, 9_999_999).map(Decimal)
    return st.builds(
        line,
        st.sampled_from(QuotaPeriod),
        st.integers(1, 366),
        st.integers(0, 100),
        place=PLACES,
        name=NAMES.filter(bool),
        measure=st.sampled_from(Measure),
        amount=amounts,
        overdraft=amounts,
        shared_by=st.sampled_from(QuotaHolder),
        role=ROLES,
        grab_hours=st.one_of(st.none(), st.integers(0, 8784)),
        counts_no_shows=st.booleans(),
    )


AMOUNTS = st.decimals(0, 999_999, places=2)
PRICES = st.builds(
    lambda place, **more: PriceLine(**place, **more),
    place=st.sampled_from([{"resource": "Confocal 1"}, {"type": "Confocal microscope"}]),
    price_class=st.sampled_from(["", "no", "industry"]),
    per_hour=AMOUNTS,
    per_booking=AMOUNTS,
    # To come: what has begun could not be made so again.
    begins=st.dates(date(2026, 3, 3), date(2026, 3, 20)),
)


EXAMPLES = st.builds(
    ExampleLine,
    role=st.sampled_from(Role.values),
    resource=st.just("Confocal 1"),
    start=st.sampled_from(["in 3 days, 10:00", "next monday, 09:30"]),
    end=st.just("next friday, 10:00"),
    expect=st.sampled_from(
        [
            (),
            ("allowed at once",),
            ("over quota",),
            ("needs approval",),
            ("needs approval by responsible, then all role lab_manager, then person ben",),
            ("length.maximum", "quota.gap"),
            ("length.maximum",),
        ]
    ),
    used=st.integers(0, 1000),
)


def once(lines: list[Any]) -> tuple[Any, ...]:
    """What stands twice for the same people and place is refused: keep the first."""
    return tuple({line.key: line for line in reversed(lines)}.values())


FILES = st.builds(
    PolicyFile,
    title=NAMES.filter(bool),
    limits=st.lists(limits(), max_size=6).map(once),
    approvals=st.one_of(st.none(), st.lists(approvals(), max_size=4).map(once)),
    quotas=st.one_of(st.none(), st.lists(quotas(), max_size=4).map(once)),
    prices=st.one_of(st.none(), st.lists(PRICES, max_size=4).map(once)),
    examples=st.lists(EXAMPLES, max_size=3).map(tuple),
)


def in_sets(file: PolicyFile) -> tuple[Any, ...]:
    """A file without the order of its lines."""
    sections = (file.limits, file.approvals, file.quotas, file.prices)
    found = (None if lines is None else {line.key: line for line in lines} for lines in sections)
    return (file.title, *found, file.examples)


@given(file=FILES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_as_it_was(file: PolicyFile) -> None:
    text = write_file(file)
    again = read_file(text)
    assert in_sets(again) == in_sets(file)
    assert write_file(again) == text


@pytest.mark.django_db(transaction=False)
@given(file=FILES)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_in_force_changes_nothing_when_it_comes_back(
    chris: User, ben: User, microscope: Resource, file: PolicyFile
) -> None:
    # One set after another: each becomes what is in force, whatever was before.
    for code in ("no", "industry"):
        make_class(code)
    wish = replace(file, examples=())
    apply_policies(actor=chris, text=write_file(wish), now=NOW)
    text = export_policies(actor=chris)
    assert preview_policies(actor=chris, text=text, now=NOW).changes == ()
    assert apply_policies(actor=chris, text=text, now=NOW) is None
    assert export_policies(actor=chris) == text
