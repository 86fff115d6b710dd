"""Where pages are told to open their socket, and what of Redis is theirs."""

import pytest

from labitory.settings.components.live import channel_layers, live_prefix, live_sources, live_url
from labitory.settings.env import Environment


@pytest.mark.parametrize("place", ["", "/ws/live", ":8001/ws/live"])
def test_a_place_of_the_same_host_is_taken(place: str) -> None:
    env = Environment({})
    assert live_url(env, place) == place
    env.finish()


@pytest.mark.parametrize("place", ["ws://evil.example/", "//evil.example/ws", ":8001", "live"])
def test_any_other_place_is_named_at_the_start(place: str) -> None:
    env = Environment({})
    live_url(env, place)
    assert env.problems == [f"LIVE_URL={place!r} is wrong: it must read /ws/live or :8001/ws/live"]


def test_the_policy_names_another_port_only() -> None:
    assert live_sources("/ws/live") == []
    assert live_sources(":8001/ws/live") == ["ws://127.0.0.1:8001", "ws://localhost:8001"]


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("redis://127.0.0.1:6379/3", "lab-3-live"),
        ("redis://127.0.0.1:6379", "lab-0-live"),
        ("unix:///p/valkey.sock?db=7", "lab-7-live"),
        ("unix:///p/valkey.sock", "lab-0-live"),
    ],
)
def test_two_databases_of_one_server_do_not_hear_each_other(url: str, prefix: str) -> None:
    assert live_prefix(url, "lab") == prefix
    [layer] = channel_layers(url, prefix).values()
    assert layer["CONFIG"] == {"hosts": [url], "prefix": prefix}
