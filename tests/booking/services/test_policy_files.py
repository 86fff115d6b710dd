"""Approvals and quotas in policy files: in, out, tried, refused."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ApprovalMode, ApproverKind, Needed, QuotaHolder, QuotaPeriod
from booking.errors import BookingRefused
from booking.models import (
    ApprovalPolicy,
    BookingPolicy,
    OutboxEvent,
    PolicySet,
    Quota,
    Resource,
    ResourcePool,
    ResponsiblePerson,
)
from booking.services.bookings import create_booking
from booking.services.policy_sets import apply_policies, export_policies, preview_policies
from booking.services.quota_ledger import check_ledger
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.groups import make_group
from tests.factories.quotas import accounts, make_quota

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
HEAD = "title: x\nlimits: []\n"
TEXT = """
title: Everything
limits:
  - {limit: max_length, value: 8 h}
approvals:
  - name: Long runs of students
    role: student
    type: confocal microscope
    mode: tiered
    holds_time: no
    answer_within: 48 h
    steps:
      - ask: responsible
      - {ask: role, role: lab_manager, agree: all, longer_than: 4 h}
      - {ask: person, person: ben, dearer_than: "120.50", bookings_of: [student, researcher]}
  - {name: Nights, mode: conditional, outside_hours: yes}
quotas:
  - name: Student hours
    gives: 10 h
    each: month
    role: student
    type: Confocal microscope
    carry_over: 50 percent
    overdraft: 2 h
    free_within: 24 h
    missed_count: no
  - {name: Turns, gives: 3 bookings, each: any 30 days, resource: confocal 1}
examples:
  - {role: student, resource: Confocal 1, start: "next monday, 10:00", end: "next monday, 12:00",
     expect: needs approval by responsible}
  - {role: student, resource: Confocal 1, start: "next monday, 10:00", end: "next monday, 15:00",
     expect: "needs approval by responsible, then all role lab_manager"}
  - {role: student, resource: Confocal 1, start: "next monday, 10:00", end: "next monday, 15:00",
     used: 90 percent, expect: over quota}
  - {role: academic, resource: Confocal 1, start: "next monday, 10:00", end: "next monday, 15:00",
     expect: allowed at once}
  - {role: academic, resource: Confocal 1, start: "next monday, 17:00", end: "next monday, 19:00",
     expect: needs approval}
  - {role: academic, resource: Confocal 1, start: "next monday, 17:00", end: "next monday, 19:00",
     expect: allowed}
"""


def preview(actor: User, text: str, now: datetime) -> Any:
    return preview_policies(actor=actor, text=text, now=now)


def refusals(actor: User, text: str, now: datetime) -> str:
    with pytest.raises(BookingRefused) as caught:
        apply_policies(actor=actor, text=text, now=now)
    assert not PolicySet.objects.exists()
    assert not AuditLog.objects.filter(action__startswith="policy_set").exists()
    return " | ".join(each.text for each in caught.value.refusals)


def test_all_of_it_is_applied_in_one_go(
    chris: User, ben: User, microscope: Resource, now: datetime
) -> None:
    found = preview(chris, TEXT, now)
    assert found.failing == ()
    assert found.examples == 6
    assert len(found.changes) == 5
    assert not Quota.objects.exists()
    made = apply_policies(actor=chris, text=TEXT, now=now, seen=found.seen)
    assert made is not None
    policy = ApprovalPolicy.objects.get(name="Long runs of students")
    assert (policy.mode, policy.role, policy.holds_slot, policy.answer_hours) == (
        ApprovalMode.TIERED,
        "student",
        False,
        48,
    )
    assert policy.resource_type == microscope.resource_type
    first, second, third = policy.tiers.all()
    assert first.approver == ApproverKind.RESPONSIBLE
    assert (second.role, second.needed, second.over_minutes) == ("lab_manager", Needed.ALL, 240)
    assert (third.person, third.over_cost) == (ben, Decimal("120.50"))
    assert sorted(third.for_roles) == ["researcher", "student"]
    quota = Quota.objects.get(name="Student hours")
    assert (int(quota.amount), quota.measure, quota.period) == (600, "minutes", "month")
    assert (quota.carry_percent, int(quota.overdraft), quota.grab_hours) == (50, 120, 24)
    assert not quota.counts_no_shows
    turns = Quota.objects.get(name="Turns")
    assert (turns.measure, turns.rolling_days, turns.resource) == ("count", 30, microscope)
    actions = sorted(AuditLog.objects.values_list("action", flat=True))
    assert actions == [
        *["approval_policy.added"] * 2,
        "policy_set.applied",
        *["quota.created"] * 2,
    ]


def test_what_was_exported_changes_nothing(
    chris: User, ben: User, microscope: Resource, now: datetime
) -> None:
    apply_policies(actor=chris, text=TEXT, now=now)
    text = export_policies(actor=chris)
    assert preview(chris, text, now).changes == ()
    assert apply_policies(actor=chris, text=text, now=now) is None
    assert export_policies(actor=chris) == text


def test_every_change_is_said(chris: User, ben: User, microscope: Resource, now: datetime) -> None:
    apply_policies(actor=chris, text=TEXT, now=now)
    text = (
        TEXT.replace("gives: 10 h", "gives: 12 h")
        .replace("carry_over: 50 percent", "carry_over: 25 percent")
        .replace("answer_within: 48 h", "answer_within: 24 h")
        .replace("  - {name: Nights, mode: conditional, outside_hours: yes}\n", "")
        .replace("expect: needs approval}", "expect: allowed at once}")
        .replace("name: Turns, gives: 3", "name: Visits, gives: 3")
    )
    found = preview(chris, text, now)
    assert found.failing == ()
    assert found.changes == (
        (
            "Removed: approval: Nights (was: name: Nights; for: Everybody, everywhere; approval: "
            "By one person when a condition holds; holds the time meanwhile: yes; time to answer: "
            "3 days; when outside working hours: yes; when it is the first booking there: no)."
        ),
        (
            "Changed: approval: Long runs of students, on every Confocal microscope: time to "
            "answer: from 2 days to 1 day."
        ),
        (
            "Changed: the quota “Student hours”, on every Confocal microscope: gives: from 10 "
            "hours a month to 12 hours a month; carried over: from 50 % to 25 %."
        ),
        (
            "Removed: the quota “Turns” (was: gives: 3 bookings in any 30 days; shared by: Each "
            "person; for: Everybody; counts: on Confocal 1; missed bookings count: yes)."
        ),
        (
            "New: the quota “Visits”: gives: 3 bookings in any 30 days; shared by: Each person; "
            "for: Everybody; counts: on Confocal 1; missed bookings count: yes."
        ),
    )
    apply_policies(actor=chris, text=text, now=now)
    assert not Quota.objects.get(name="Turns").is_active
    assert not ApprovalPolicy.objects.filter(name="Nights").exists()
    # An old version is applied again: what had ended goes on.
    apply_policies(actor=chris, text=PolicySet.objects.get(version=1).text, now=now)
    assert Quota.objects.get(name="Turns").is_active
    assert not Quota.objects.get(name="Visits").is_active
    assert ApprovalPolicy.objects.filter(name="Nights").exists()
    assert AuditLog.objects.filter(action="quota.resumed").count() == 1


def test_of_what_a_text_says_nothing_nothing_changes(
    chris: User, microscope: Resource, now: datetime
) -> None:
    make_quota()
    make_approval_policy(microscope, tier(), mode=ApprovalMode.SINGLE)
    assert apply_policies(actor=chris, text=HEAD, now=now) is not None
    assert Quota.objects.get().is_active
    assert ApprovalPolicy.objects.exists()
    found = preview(chris, HEAD + "approvals: []\nquotas: []\n", now)
    assert [each.split(":")[0] for each in found.changes] == ["Removed", "Removed"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("approvals: [1]", "Line 3, approvals 1: it must be names"),
        ("approvals: {a: 1}", "Line 3, approvals: write a list"),
        ("approvals:\n- {mode: single}", "Line 4, approvals 1, name: write a text of 1 to 100"),
        ("approvals:\n- {name: a}", "Say its `mode:`"),
        ("approvals:\n- {name: a, mode: king}", "Line 4, approvals 1, mode: There is no such kind"),
        ("approvals:\n- {name: a, mode: tiered}", "Line 4, approvals 1: Say who is asked in the"),
        ("approvals:\n- {name: a, mode: conditional}", "Say under which condition"),
        ("approvals:\n- {name: a, mode: single, answer_within: 0 h}", "between 1 and 2160 hours"),
        ("approvals:\n- {name: a, mode: single, answer_within: 90 min}", "write whole hours"),
        ("approvals:\n- {name: a, mode: single, type: Moon}", "Line 4, approvals 1: There is no"),
        ("approvals:\n- {name: a, mode: single, holds_time: maybe}", "write yes or no"),
        (
            "approvals:\n- name: a\n  mode: tiered\n  steps:\n  - {ask: role}",
            "Line 7, approvals 1, steps 1, role: `role:` belongs to",
        ),
        (
            "approvals:\n- {name: a, mode: tiered, steps: [{ask: person, person: nobody}]}",
            "nobody with the user name “nobody”",
        ),
        (
            "approvals:\n- {name: a, mode: tiered, steps: [{bookings_of: [king]}]}",
            "There is no role “king”",
        ),
        (
            "approvals:\n- {name: a, mode: single}\n- {name: b, mode: none}",
            "Line 5, approvals 2: This stands twice for the same people and place, first at Line 4",
        ),
        ("quotas:\n- {name: a}", "`gives:` is missing: write such as “30 h”"),
        ("quotas:\n- {name: a, gives: lots, each: month}", "“lots” is not understood"),
        ("quotas:\n- {name: a, gives: 5.125 cost, each: month}", "“5.125 cost” is not understood"),
        ("quotas:\n- {name: a, gives: 5 h, each: moon}", "Line 4, quotas 1, each: “moon” is not"),
        ("quotas:\n- {name: a, gives: 5 h, each: any 999 days}", "between 1 and 366"),
        ("quotas:\n- {name: a, gives: 5 h, each: day, pool: Moon}", "There is no pool “Moon”"),
        ("quotas:\n- {name: a, gives: 5 h, each: day, group: Moon}", "no research group “Moon”"),
        ("quotas:\n- {name: a, gives: 5 h, each: day, project: M}", "no project with the account"),
        (
            "quotas:\n- {name: a, gives: 5 h, each: day, pool: a, resource: Confocal 1}",
            "one resource, one type or one pool",
        ),
        (
            "quotas:\n- {name: a, gives: 5 h, each: day, overdraft: 2 bookings}",
            "both time, both bookings or",
        ),
        ("quotas:\n- {name: a, gives: 5 h, each: day, carry_over: 101 %}", "such as “50 percent”"),
        ("quotas:\n- {name: a, gives: 5 h, each: any 9 days, carry_over: 1 %}", "no period before"),
        ("quotas:\n- {name: a, gives: 5 h, each: day, why: 1}", "“why” is not known here. Known:"),
        (
            "quotas:\n- {name: a, gives: 5 h, each: day}\n- {name: a, gives: 6 h, each: day}",
            "Line 5, quotas 2: A quota of this name stands at Line 4, quotas 1 already",
        ),
        ("examples:\n- {role: student}", "Say who books what"),
        (
            (
                'examples:\n- {role: student, resource: Confocal 1, start: "in 2 days, 10:00", '
                'end: "in 2 days, 11:00", expect: maybe}'
            ),
            "Line 4, examples 1, expect: “maybe” is no outcome",
        ),
        (
            (
                'examples:\n- {role: student, resource: Confocal 1, start: "in 2 days, 10:00", '
                'end: "in 2 days, 11:00", expect: needs approval by role king}'
            ),
            "is no outcome",
        ),
    ],
)
def test_a_bad_text_is_refused_with_its_line(
    chris: User, microscope: Resource, now: datetime, text: str, said: str
) -> None:
    assert said in refusals(chris, HEAD + text, now)
    assert not Quota.objects.exists()
    assert not ApprovalPolicy.objects.exists()


def test_at_most_twenty_things_are_said_at_once(
    chris: User, microscope: Resource, now: datetime
) -> None:
    text = HEAD + "quotas:\n" + "- {name: a}\n" * 30
    assert refusals(chris, text, now).count(" | ") == 19


def book(user: User, resource: Resource, now: datetime, hours: int) -> None:
    period = Period(now + 2 * HOUR, now + (2 + hours) * HOUR)
    create_booking(actor=user, user=user, resource_ids=[resource.public_id], period=period, now=now)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("gives: 9 bookings, each: month", True),
        ("gives: 10 h, each: week", True),
        ("gives: 10 h, each: any 30 days", True),
        ("gives: 10 h, each: month, shared_by: group", True),
        ("gives: 20 h, each: month", False),
        ("gives: 1 h, each: month", False),
    ],
)
def test_what_a_reserved_quota_means_stays(
    ada: User, chris: User, microscope: Resource, now: datetime, line: str, *, changed: bool
) -> None:
    quota = make_quota()
    book(ada, microscope, now, 3)
    text = HEAD + f"  \nquotas:\n- {{name: Microscopes, {line}}}\n"
    text = text.replace("limits: []", "limits: [{limit: gap, value: 1 h}]")
    if changed:
        said = refusals(chris, text, now)
        assert "Line 5, quotas 1: The quota “Microscopes” has counted bookings already" in said
        assert "write one of another name" in said
        with pytest.raises(BookingRefused):
            preview(chris, text, now)
        assert not BookingPolicy.objects.exists()
        quota.refresh_from_db()
        assert quota.amount == 600
    else:
        assert apply_policies(actor=chris, text=text, now=now) is not None
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]
    assert check_ledger(now=now) == []


def test_a_smaller_quota_tells_who_is_beyond_it(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_quota()
    book(ada, microscope, now, 3)
    text = HEAD + "quotas:\n- {name: Microscopes, gives: 1 h, each: month}\n"
    apply_policies(actor=chris, text=text, now=now)
    told = OutboxEvent.objects.get(kind="quota.overdrawn")
    assert told.payload["people"] == [ada.pk]


def test_what_is_left_out_ends_and_keeps_its_ledger(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    book(ada, microscope, now, 3)
    apply_policies(actor=chris, text=HEAD + "quotas: []\n", now=now)
    quota.refresh_from_db()
    assert not quota.is_active
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]
    assert AuditLog.objects.filter(action="quota.ended").count() == 1
    assert "Microscopes" not in export_policies(actor=chris)


def test_examples_know_groups_pools_and_who_need_not_ask(
    chris: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_group("Optics", lead=ben)
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.add(microscope)
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    when = 'start: "in 2 days, 10:00", end: "in 2 days, 13:00"'
    text = (
        HEAD
        + f"""
approvals:
- {{name: All, mode: within_quota, steps: [{{ask: person, person: ben}}]}}
quotas:
- {{name: G, gives: 2 h, each: week, overdraft: 2 h, shared_by: group, pool: Confocals}}
examples:
- {{role: student, resource: Confocal 1, {when}, expect: allowed at once}}
- {{role: student, resource: Confocal 1, group: Optics, {when},
    expect: needs approval by person ben}}
- {{role: student, resource: Confocal 1, group: Optics, {when}, used: 100 %, expect: over quota}}
- {{role: sysadmin, resource: Confocal 1, group: Optics, {when}, expect: allowed at once}}
"""
    )
    assert preview(chris, text, now).failing == ()
    assert Quota.objects.count() == 0
    wrong = preview(chris, text.replace("by person ben", "by lead"), now).failing
    assert wrong[0].endswith(
        "expected needs approval by lead, but it is needs approval by person ben."
    )


def test_holders_are_read_and_written(chris: User, ben: User, now: datetime) -> None:
    group = make_group("Optics", lead=ben)
    make_quota("Group", holder=QuotaHolder.GROUP, group=group, period=QuotaPeriod.QUARTER)
    make_quota("Person", user=ben, period=QuotaPeriod.DAY)
    text = export_policies(actor=chris)
    assert "group: Optics" in text
    assert "user: ben" in text
    assert preview(chris, text, now).changes == ()
