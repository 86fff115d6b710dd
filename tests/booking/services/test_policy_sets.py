"""Policies as text: out, looked at, in."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.models import BookingPolicy, PolicySet, Resource, ResourceType
from booking.services._policy_words import read_value, write_value
from booking.services.policy_sets import (
    apply_policies,
    compare_sets,
    export_policies,
    preview_policies,
)
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
TEXT = """
title: Shorter days
limits:
  - {limit: max_length, value: 4 h}
  - {limit: max_length, role: student, resource: confocal 1, value: 2 hours}
  - {limit: active_bookings, type: Confocal microscope, value: 3 bookings}
  - {limit: gap, role: academic, value: no limit}
examples:
  - role: student
    resource: Confocal 1
    start: next monday, 10:00
    end: next monday, 12:00
    expect: allowed
  - {role: student, resource: Confocal 1, start: "in 2 days, 10:00", end: "in 2 days, 13:00",
     expect: [length.maximum]}
"""


def standing() -> set[tuple[Any, ...]]:
    return set(
        BookingPolicy.objects.values_list(
            "limit", "role", "resource__name", "resource_type__name", "value"
        )
    )


def test_a_text_is_applied_as_the_next_version(
    chris: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=120)
    BookingPolicy.objects.create(limit=Limit.LEAD_TIME, value=60)
    found = preview_policies(actor=chris, text=TEXT, now=now)
    assert found.failing == ()
    assert found.examples == 2
    assert "Changed: Longest booking for Everybody, everywhere: from 2 hours to 4 hours." in (
        found.changes
    )
    assert any(each.startswith("Removed: Notice before the start") for each in found.changes)
    assert any(each.startswith("New: Pause between own bookings") for each in found.changes)
    made = apply_policies(actor=chris, text=TEXT, now=now, seen=found.seen)
    assert made is not None
    assert (made.version, made.title) == (1, "Shorter days")
    assert tuple(made.changes) == found.changes
    assert standing() == {
        ("max_length", "", None, None, 240),
        ("max_length", "student", "Confocal 1", None, 120),
        ("active_bookings", "", None, "Confocal microscope", 3),
        ("gap", "academic", None, None, None),
    }
    assert AuditLog.objects.get(action="policy_set.applied").actor_id == chris.pk


def test_what_was_exported_changes_nothing(
    chris: User, microscope: Resource, now: datetime
) -> None:
    apply_policies(actor=chris, text=TEXT, now=now)
    for limit in Limit:
        BookingPolicy.objects.create(limit=limit, role="sysadmin", resource=microscope, value=7)
    before = standing()
    text = export_policies(actor=chris)
    made = apply_policies(actor=chris, text=text, now=now)
    assert made is None
    assert standing() == before
    assert export_policies(actor=chris) == text
    assert PolicySet.objects.count() == 1
    assert "next monday, 10:00" in text


def test_without_changes_other_examples_are_a_version(
    chris: User, microscope: Resource, now: datetime
) -> None:
    apply_policies(actor=chris, text=TEXT, now=now)
    made = apply_policies(actor=chris, text=TEXT.replace("12:00", "11:00"), now=now)
    assert made is not None
    assert (made.version, made.changes) == (2, [])


def test_an_example_that_fails_refuses_all(
    chris: User, microscope: Resource, now: datetime
) -> None:
    text = TEXT.replace("12:00", "13:00")
    found = preview_policies(actor=chris, text=text, now=now)
    assert len(found.failing) == 1
    assert "Example 1 (Student, Confocal 1, next monday, 10:00" in found.failing[0]
    assert "expected allowed, but it is length.maximum" in found.failing[0]
    with pytest.raises(BookingRefused) as caught:
        apply_policies(actor=chris, text=text, now=now)
    assert caught.value.refusals[0].code == "policies.example"
    assert standing() == set()
    assert not PolicySet.objects.exists()


def test_examples_are_asked_as_somebody_who_has_all_it_takes(
    chris: User, microscope: Resource, now: datetime
) -> None:
    microscope.requires_access = microscope.requires_assessment = True
    microscope.save()
    assert preview_policies(actor=chris, text=TEXT, now=now).failing == ()


def test_limits_that_changed_meanwhile_are_not_overwritten(
    chris: User, microscope: Resource, now: datetime
) -> None:
    seen = preview_policies(actor=chris, text=TEXT, now=now).seen
    BookingPolicy.objects.create(limit=Limit.GAP, value=5)
    with pytest.raises(ActionRefused) as caught:
        apply_policies(actor=chris, text=TEXT, now=now, seen=seen)
    assert caught.value.refusals[0].code == "policies.changed"
    assert len(standing()) == 1


def test_versions_are_compared_and_applied_again(
    chris: User, microscope: Resource, now: datetime
) -> None:
    first = apply_policies(actor=chris, text=TEXT, now=now)
    second = apply_policies(actor=chris, text=TEXT.replace("4 h", "5 h"), now=now)
    assert first is not None
    assert second is not None
    assert compare_sets(actor=chris, before=first, after=second) == (
        "Changed: Longest booking for Everybody, everywhere: from 4 hours to 5 hours.",
    )
    assert compare_sets(actor=chris, before=second, after=None) == ()
    third = apply_policies(actor=chris, text=first.text, now=now)
    assert third is not None
    assert third.version == 3
    assert compare_sets(actor=chris, before=first, after=None) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must have `limits:`"),
        ("- a", "must have `limits:`"),
        ("title: [", "This is no YAML: look at line 1"),
        ("title: a\x00", "characters that cannot be read"),
        ("title: x\nlimits: &a [*a]", "anchors and aliases"),
        ("title: x\nlimits: " + "[" * 50 + "]" * 50, "nested too deeply"),
        ("title: x\nlimits: [" + "{limit: gap, value: 1 h}, " * 20_000 + "]", "too large"),
        ("title: x\ntitle: y\nlimits: []", "Line 2: this name"),
        ("title: x\nlimits: []\nmore: 1", "“more” is not known"),
        ("limits: []", "Give it a `title:`"),
        ("title: x\nlimits: [1]", "Line 2, limits 1: it must be names"),
        ("title: x\nlimits: [{limit: speed, value: 1 h}]", "no limit of this name"),
        ("title: x\nlimits: [{limit: gap, role: king, value: 1 h}]", "no role"),
        ("title: x\nlimits: [{limit: gap, value: soon}]", "value is not understood"),
        ("title: x\nlimits: [{limit: gap, value: 3 bookings}]", "value is not understood"),
        ("title: x\nlimits: [{limit: gap, value: 9999999 w}]", "value is not understood"),
        ("title: x\nlimits: [{limit: gap, value: 1 h, why: 2}]", "“why” is not known"),
        ("title: x\nlimits: [{limit: gap, value: 1 h, resource: Moon}]", "no resource “Moon”"),
        ("title: x\nlimits: [{limit: gap, value: 1 h, type: Moon}]", "no type “Moon”"),
        (
            "title: x\nlimits: [{limit: gap, value: 1 h, resource: Confocal 1, type: a}]",
            "one resource or one type",
        ),
        (
            "title: x\nlimits: [{limit: gap, value: 1 h}, {limit: gap, value: 2 h}]",
            "stands twice for the same",
        ),
        (
            (
                "title: x\nlimits: []\nexamples: [{role: student, resource: Confocal 1, "
                'start: "in 2 days, 25:00", end: "in 2 days, 10:00", expect: allowed}]'
            ),
            "write moments such as",
        ),
        ("title: x\nlimits: []\nexamples: [{role: student}]", "Say what to expect"),
    ],
)
def test_a_bad_text_is_refused_in_words(
    chris: User, microscope: Resource, now: datetime, text: str, said: str
) -> None:
    BookingPolicy.objects.create(limit=Limit.GAP, value=5)
    with pytest.raises(BookingRefused) as caught:
        apply_policies(actor=chris, text=text, now=now)
    assert said in " ".join(each.text for each in caught.value.refusals)
    assert len(standing()) == 1


def test_the_same_place_by_name_and_code_is_the_same(
    chris: User, microscope: Resource, now: datetime
) -> None:
    text = (
        "title: x\nlimits:\n"
        f"  - {{limit: gap, resource: '{microscope.code}', value: 1 h}}\n"
        "  - {limit: gap, resource: CONFOCAL 1, value: 2 h}\n"
    )
    with pytest.raises(BookingRefused, match=r"policies\.bad"):
        apply_policies(actor=chris, text=text, now=now)


def test_only_who_sets_limits_everywhere_may(
    cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    for name in ("ada", "ben", "eve"):
        with pytest.raises(NotAllowed):
            apply_policies(actor=cast[name], text=TEXT, now=now)
        with pytest.raises(NotAllowed):
            export_policies(actor=cast[name])
    assert apply_policies(actor=cast["dora"], text=TEXT, now=now) is not None


@pytest.mark.parametrize("number", [1, 3])
def test_looking_costs_the_same(
    chris: User, microscope: Resource, confocals: ResourceType, now: datetime, number: int
) -> None:
    rows = "".join(
        f"  - {{limit: {each.value}, value: 7 h}}\n" for each in (Limit.GAP, Limit.HORIZON)[:number]
    )
    example = (
        '  - {role: student, resource: Confocal 1, start: "in 2 days, 10:00", '
        'end: "in 2 days, 11:00", expect: allowed}\n'
    )
    text = f"title: x\nlimits:\n{rows}examples:\n{example * number}"
    preview_policies(actor=chris, text=text, now=now)
    with count_queries(7):
        preview_policies(actor=chris, text=text, now=now)


@pytest.mark.parametrize("limit", list(Limit))
@pytest.mark.parametrize("value", [None, 0, 1, 59, 60, 90, 1440, 10_080, 5_256_000])
def test_values_survive_their_words(limit: Limit, value: int | None) -> None:
    assert read_value(limit, write_value(limit, value)) == value


def test_the_commands(
    chris: User, microscope: Resource, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(TEXT)
    call_command("apply_policies", str(file), "--dry-run")
    assert "2 examples hold." in capsys.readouterr().out
    assert standing() == set()
    with pytest.raises(CommandError, match="--by"):
        call_command("apply_policies", str(file))
    call_command("apply_policies", str(file), "--by", "chris")
    assert "Applied as version 1." in capsys.readouterr().out
    out = tmp_path / "out.yaml"
    call_command("export_policies", str(out), verbosity=0)
    call_command("apply_policies", str(out), "--by", "chris")
    assert "All was so already." in capsys.readouterr().out
    call_command("export_policies")
    assert "title: Shorter days" in capsys.readouterr().out
    file.write_text("title: [")
    with pytest.raises(CommandError, match="no YAML"):
        call_command("apply_policies", str(file), "--dry-run")
    with pytest.raises(CommandError, match="No such file"):
        call_command("apply_policies", str(tmp_path / "none"), "--dry-run")
