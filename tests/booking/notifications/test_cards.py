"""Cards in chat rooms: what they say, and what nobody can make them say."""

import json
from datetime import datetime
from typing import Any

import pytest

from booking.enums import EndpointKind
from booking.models import Endpoint, Message, OutboxEvent
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import CHAT
from booking.notifications.outside import ROOM_TITLES

# The lab's own words are looked up.
pytestmark = pytest.mark.django_db
ROOMS = (EndpointKind.TEAMS, EndpointKind.SLACK, EndpointKind.MATTERMOST)
PAGE = "https://lab.example.org/resources/1"
HOSTILE = (
    "@channel @here <!channel> <@U1> <at>All</at> [free](http://evil.example.org) "
    "<http://evil.example.org|free> www.evil.example.org *b* _i_ `c` ~s~ \u202e\n# x"
)


def sent(room: EndpointKind, kind: str, now: datetime, **data: Any) -> dict[str, Any]:
    """The body for a room of an event with these data."""
    message = Message(
        event=OutboxEvent(kind=kind, created_at=now),
        endpoint=Endpoint(kind=room, name="Room"),
        kind=kind,
        payload=data,
        created_at=now,
    )
    found: dict[str, Any] = json.loads(CHAT.content(message))
    return found


def booked(name: str, *, person: str = "Ada", number: int = 1) -> dict[str, Any]:
    """A booking of two hours in the lab's morning."""
    booking = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T10:00:00Z", "person": person}
    return {"resources": [{"name": name, "url": PAGE}], "bookings": [booking] * number}


def test_slack_gets_blocks_and_a_text(now: datetime) -> None:
    body = sent(EndpointKind.SLACK, "booking.created", now, **booked("Confocal 1"))
    assert body["text"] == "Booked: Confocal 1 · Mon 2 Mar 2026, 09:00–11:00 · Ada"
    header, section, acts = body["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "Booked: Confocal 1", "emoji": False}
    assert [each["text"] for each in section["fields"]] == [
        "*When*\nMon 2 Mar 2026, 09:00–11:00",
        "*Who*\nAda",
    ]
    assert all(each["verbatim"] for each in section["fields"])
    assert acts["elements"][0]["url"] == PAGE


def test_teams_gets_an_adaptive_card_of_plain_runs(now: datetime) -> None:
    body = sent(EndpointKind.TEAMS, "booking.created", now, **booked("Confocal 1"))
    assert body["type"] == "message"
    [attachment] = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    # Nothing but runs: in those there is no Markdown.
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}
    lines = ["".join(run["text"] for run in each["inlines"]) for each in card["body"]]
    assert lines[:3] == ["Booked: Confocal 1", "When: Mon 2 Mar 2026, 09:00–11:00", "Who: Ada"]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open it", "url": PAGE}]


def test_mattermost_gets_an_attachment_with_a_fallback(now: datetime) -> None:
    body = sent(EndpointKind.MATTERMOST, "booking.created", now, **booked("Confocal 1"))
    [attachment] = body["attachments"]
    assert (attachment["title"], attachment["title_link"]) == ("Booked: Confocal 1", PAGE)
    assert attachment["fallback"].startswith("Booked: Confocal 1 · Mon")
    assert [each["title"] for each in attachment["fields"]] == ["When", "Who"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_name_pings_nobody_and_forges_no_link(now: datetime, room: EndpointKind) -> None:
    body = sent(
        room,
        "fault.reported",
        now,
        resources=[{"name": HOSTILE, "url": PAGE}],
        title=HOSTILE,
        about={"id": None, "url": PAGE},
    )
    text = json.dumps(body, ensure_ascii=False)
    for word in ("@channel", "@here", "@U1", "://evil", "www.evil", "](", "\\n#", "\u202e"):
        assert word not in text, word
    if room == EndpointKind.SLACK:
        marked = [body["text"], *(each["text"] for each in body["blocks"][1]["fields"])]
        assert not any(sign in each for each in marked for sign in "<>")
    if room == EndpointKind.MATTERMOST:
        values = [each["value"] for each in body["attachments"][0]["fields"]]
        assert all("\\[free" in each and "\\<" in each for each in values)


@pytest.mark.parametrize("room", ROOMS)
def test_every_kind_has_a_card_even_of_little(now: datetime, room: EndpointKind) -> None:
    assert set(ROOM_TITLES) <= set(CATALOGUE)
    for kind in ROOM_TITLES:
        assert "%(" not in json.dumps(sent(room, kind, now, resources=[], state="open"))


def test_a_long_series_is_cut(now: datetime) -> None:
    data = booked("Confocal 1", number=9) | {"bookings_left_out": 4}
    body = sent(EndpointKind.SLACK, "booking.cancelled", now, **data)
    fields = body["blocks"][1]["fields"]
    assert len(fields) == 7
    assert fields[5]["text"] == "and 8 more"


def test_moments_are_the_labs(now: datetime) -> None:
    body = sent(
        EndpointKind.SLACK,
        "resource.maintenance",
        now,
        resources=[{"name": "NMR", "url": PAGE}],
        title="Laser",
        start="2026-07-01T22:30:00Z",
        end="2026-07-02T06:00:00Z",
        back="2026-07-02T06:00:00Z",
    )
    assert "Thu 2 Jul 2026, 00:30–08:00" in body["text"]
    assert body["text"].endswith("2 Jul 2026, 08:00")


def test_several_instruments_lead_to_the_lab(now: datetime) -> None:
    data = booked("NMR") | {"resources": [{"name": "NMR", "url": "a"}, {"name": "MS", "url": "b"}]}
    body = sent(EndpointKind.TEAMS, "booking.created", now, **data)
    content = body["attachments"][0]["content"]
    assert content["actions"][0]["url"] == "http://127.0.0.1:8000"
    assert content["fallbackText"].startswith("Booked: NMR, MS")
