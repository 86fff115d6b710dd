"""The rows of the page of preferences."""

import pytest

from booking.enums import Timing
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels import CHANNELS
from booking.notifications.channels.base import Channel
from booking.notifications.topics import CHOOSABLE, TOPICS, say_kind, topic_of


def test_every_kind_that_somebody_hears_of_has_one_topic() -> None:
    heard = {
        name
        for name, kind in CATALOGUE.items()
        if kind.audience not in (Audience.NOBODY, Audience.DIGEST)
    }
    listed = [name for topic in TOPICS for name in topic.kinds]
    assert sorted(listed) == sorted(heard)
    assert all(topic_of(name) for name in heard)
    assert topic_of("time.freed") is None


def test_only_the_account_and_emergencies_cannot_be_chosen() -> None:
    unchosen = {topic.key for topic in TOPICS} - {topic.key for topic in CHOOSABLE}
    assert unchosen == {"account", "emergencies"}
    chosen = [kind for topic in CHOOSABLE for kind in topic.kinds.values()]
    assert not any(kind.is_required for kind in chosen)


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_a_kind_reads_as_words(name: str) -> None:
    words = say_kind(name)
    assert words and "%" not in words


def test_a_kind_shows_names_in_the_place_of_facts() -> None:
    assert say_kind("booking.created") == "Booked: [instrument], [time]"


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", list(CATALOGUE))
def test_what_a_channel_does_by_itself_can_be_chosen(channel: Channel, name: str) -> None:
    assert channel.default(CATALOGUE[name]) in channel.timings
    assert Timing.OFF in channel.timings
