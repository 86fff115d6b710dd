"""What sockets leave in Redis is of their test alone."""

from collections.abc import Iterator

import pytest
from channels.layers import channel_layers
from django.conf import settings
from redis import Redis

from booking.live.sockets import SOCKETS


@pytest.fixture
def own_stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a stream and a layer of its own, and keeps its transaction."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
    redis = Redis.from_url(settings.REDIS_URL)
    yield
    redis.delete(f"{settings.LIVE_PREFIX}-hints")
    redis.close()
    channel_layers.backends.clear()
    assert not SOCKETS.open
    assert not SOCKETS.counts
