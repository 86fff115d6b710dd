"""Policies as text in the demonstration: the first version, and a trial of shorter weeks."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.enums import Limit, TrialState
from booking.models import PolicySet, PolicyTrial
from booking.queries.policy_trials import (
    count_bookings,
    past_of,
    people_who_booked,
    resource_facts,
    rows_in_force,
)
from booking.rules.proposals import LimitRow, Proposal
from booking.services._policy_example_lines import ExampleLine
from booking.services._policy_file import PolicyFile, standing, write_file
from booking.services._trial_sums import add_people, finish, nothing
from labitory.lib.periods import Period

_LOOKED_BACK = timedelta(days=30)
_SHORT_WEEK = 10 * 60


# A limit, who is asked, an overdraft that waits, and what no approval mends.
_EXAMPLES = tuple(
    ExampleLine(
        role=Role.STUDENT.value,
        resource=resource,
        start="next tuesday, 10:00",
        end=f"next tuesday, {end}",
        expect=(expect,),
        used=used,
    )
    for resource, end, used, expect in (
        ("NMR 400", "13:00", 0, "length.maximum"),
        ("Cryo-TEM", "12:00", 0, "needs approval by supervisor, then all responsible"),
        ("Confocal 1", "12:00", 0, "allowed at once"),
        ("Confocal 1", "12:00", 100, "needs approval by responsible"),
        ("Confocal 1", "12:00", 150, "over quota"),
    )
)


def make_policies(*, cast: dict[str, User], now: datetime) -> None:
    """Version 1 is what is in force; Chris has tried ten hours a week for students."""
    title = _("As the lab began")
    present = standing()
    file = PolicyFile(
        title=title,
        limits=present.limits,
        approvals=present.approvals,
        quotas=present.quotas,
        prices=present.prices,
        examples=_EXAMPLES,
    )
    PolicySet.objects.create(
        version=1,
        title=title,
        text=write_file(file),
        applied_by=cast["chris"],
        applied_at=now - 90 * timedelta(days=1),
    )
    _make_trial(cast["chris"], now)


def _make_trial(chris: User, now: datetime) -> None:
    window = Period(now - _LOOKED_BACK, now)
    present = rows_in_force()
    short = LimitRow(
        limit=Limit.MINUTES_PER_WEEK,
        role=Role.STUDENT.value,
        resource_id=None,
        type_id=None,
        value=_SHORT_WEEK,
    )
    rows = [
        replace(each, value=_SHORT_WEEK) if _is_week_of_students(each) else each for each in present
    ]
    rows = rows if any(_is_week_of_students(each) for each in present) else [*rows, short]
    sums = nothing()
    add_people(
        sums,
        past_of(people_who_booked(window, after=0), window),
        resource_facts(),
        proposal=Proposal(rows),
        present=Proposal(present),
    )
    PolicyTrial.objects.create(
        title=_("Ten hours a week for students"),
        proposed=[asdict(each) for each in rows],
        starts_at=window.start,
        ends_at=window.end,
        state=TrialState.DONE,
        total=count_bookings(window),
        done=sums["bookings"],
        result=finish(sums),
        asked_by=chris,
        asked_at=now,
        finished_at=now,
    )


def _is_week_of_students(row: LimitRow) -> bool:
    where = (row.limit, row.role, row.resource_id, row.type_id)
    return where == (Limit.MINUTES_PER_WEEK, Role.STUDENT, None, None)
