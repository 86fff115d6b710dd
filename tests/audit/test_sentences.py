"""Audit records read as sentences."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.catalogue import SENTENCES
from audit.models import AuditLog
from audit.sentences import tell
from labitory.lib.formats import Formats, use_formats

AT_NOON = "2026-03-02T11:00:00+00:00"
AT_ONE = "2026-03-02T12:00:00+00:00"
AT_TWO = "2026-03-02T13:00:00+00:00"
AT_THREE = "2026-03-02T14:00:00+00:00"
BOOKING = {
    "user": "Ada",
    "resource": "Confocal 2",
    "start_time": AT_TWO,
    "end_time": AT_THREE,
}


def log(action: str, *, actor: str = "Chris", **values: Any) -> AuditLog:
    values.setdefault("object_type", "booking.booking")
    values.setdefault("object_name", "Confocal 2, Monday")
    return AuditLog(at=datetime(2026, 3, 2, tzinfo=UTC), action=action, actor_name=actor, **values)


@pytest.fixture(autouse=True)
def _in_the_lab() -> Iterator[None]:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


MOVED = {"start_time": [AT_NOON, AT_TWO], "end_time": [AT_ONE, AT_THREE]}
WHEN = "2 Mar 2026, 14:00\u201315:00"


@pytest.mark.parametrize(
    ("action", "actor", "changes", "sentence"),
    [
        ("booking.created", "Chris", {}, f"Chris booked Confocal 2 for Ada, {WHEN}"),
        ("booking.created", "Ada", {}, f"Ada booked Confocal 2, {WHEN}"),
        ("booking.requested", "Ada", {}, f"Ada asked for Confocal 2, {WHEN}"),
        (
            "booking.rescheduled",
            "Chris",
            MOVED,
            "Chris moved Ada's booking of Confocal 2 to 14:00",
        ),
        ("booking.rescheduled", "Ada", MOVED, "Ada moved their booking of Confocal 2 to 14:00"),
        (
            "booking.rescheduled",
            "Ada",
            {"start_time": ["2026-03-01T11:00:00+00:00", AT_TWO]},
            "Ada moved their booking of Confocal 2 to 2 Mar 2026, 14:00",
        ),
        (
            "booking.rescheduled",
            "Ada",
            {"end_time": [AT_ONE, AT_THREE]},
            "Ada changed the end of their booking of Confocal 2 to 15:00",
        ),
        (
            "booking.rescheduled",
            "Chris",
            {"resource": ["Confocal 1", "Confocal 2"], **MOVED},
            "Chris moved Ada's booking from Confocal 1 to Confocal 2, 14:00",
        ),
        (
            "booking.cancelled",
            "Chris",
            {"status": ["confirmed", "cancelled"]},
            f"Chris cancelled Ada's booking of Confocal 2, {WHEN}",
        ),
        ("booking.approved", "Chris", {}, f"Chris approved Ada's booking of Confocal 2, {WHEN}"),
        ("booking.rejected", "Chris", {}, f"Chris rejected Ada's booking of Confocal 2, {WHEN}"),
        ("booking.checked_in", "Ada", {}, "Ada checked in on Confocal 2"),
        ("booking.completed", "", {}, f"The system completed Ada's booking of Confocal 2, {WHEN}"),
        (
            "booking.no_show",
            "",
            {},
            f"The system marked Ada as not shown up on Confocal 2, {WHEN}",
        ),
    ],
)
def test_booking_sentences(action: str, actor: str, changes: dict[str, Any], sentence: str) -> None:
    assert tell(log(action, actor=actor, facts=BOOKING, changes=changes)) == sentence


def test_overridden_rules_are_named() -> None:
    facts = {**BOOKING, "overridden": ["quota.hours_per_day", "lead_time.horizon"]}
    assert tell(log("booking.created", facts=facts)).endswith(
        ", overriding quota.hours_per_day, lead_time.horizon"
    )


def test_times_are_the_readers() -> None:
    with timezone.override(ZoneInfo("America/New_York")), use_formats(Formats(time="g:i A")):
        told = tell(log("booking.rescheduled", facts=BOOKING, changes=MOVED))
    assert told == "Chris moved Ada's booking of Confocal 2 to 8:00 AM"


def test_record_with_few_facts_is_still_told() -> None:
    assert tell(log("booking.cancelled")) == "Chris cancelled Confocal 2, Monday"
    assert tell(log("resource.hours_changed", object_name="Confocal 2", facts={})) == (
        "Chris changed the opening hours of Confocal 2"
    )


def test_unlisted_action_is_told_from_its_change() -> None:
    record = log(
        "resource.changed",
        object_type="booking.resource",
        object_name="Confocal 2",
        changes={"capacity": [1, 3]},
    )
    assert tell(record) == "Chris changed seats of Confocal 2 from 1 to 3"


def test_several_changes_become_a_list() -> None:
    record = log(
        "admin.changed",
        object_type="accounts.user",
        object_name="Ada",
        changes={
            "role": ["student", "researcher"],
            "is_active": [True, False],
            "email": ["", "a@b"],
        },
    )
    assert tell(record) == (
        "Chris changed Ada: role from Student to Researcher; active from yes to no; "
        "e-mail address from nothing to a@b"
    )


def test_secret_change_names_the_field_only() -> None:
    record = log(
        "admin.changed",
        object_type="accounts.user",
        object_name="Ada",
        changes={"password": ["[redacted]", "[redacted]"]},
    )
    assert tell(record) == "Chris changed password of Ada"


def test_moment_in_a_change_is_written_for_the_reader() -> None:
    record = log(
        "policy.changed",
        object_type="booking.gone",
        object_name="Policy",
        changes={"valid_from": [None, AT_TWO]},
    )
    assert tell(record) == "Chris changed valid from of Policy from nothing to 2 Mar 2026, 14:00"


def test_unknown_act_is_named() -> None:
    assert tell(log("sticker.printed_again", object_name="Confocal 2")) == (
        "Chris: printed again, Confocal 2"
    )


def test_role_change() -> None:
    record = log(
        "user.role_changed",
        object_type="accounts.user",
        object_name="Ada",
        changes={"role": ["student", "academic"]},
    )
    assert tell(record) == "Chris changed the role of Ada from Student to Academic"


def test_names_with_signs_of_formatting_are_only_names() -> None:
    facts = {**BOOKING, "user": "100%(actor)s {0}"}
    assert "for 100%(actor)s {0}, " in tell(log("booking.created", facts=facts))


def test_every_catalogued_sentence_can_be_filled() -> None:
    known = {
        *("actor", "object", "user", "own", "resource", "period", "left", "new_start"),
        *("new_end", "role_before", "role_after", "country", "role", "where"),
        *("device", "name", "browser", "days", "provider", "rows", "purpose", "code"),
        # What the nouns of booking tell of themselves.
        *("act", "after", "amount", "before", "certificate", "changes", "count", "course"),
        *("field", "gives", "holder", "lines", "number", "outcome", "place", "places"),
        *("rules", "sentence", "step", "version", "what", "address"),
        *("scope", "policy", "channel", "why", "whom", "said", "language", "kind"),
    }
    for templates in SENTENCES.values():
        assert templates
        for template in templates:
            assert set(re.findall(r"%\((\w+)\)s", str(template))) <= known
            filled = str(template) % dict.fromkeys(known, "x")
            assert filled and "%(" not in filled
