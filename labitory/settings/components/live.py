"""Live pages: where their socket is, and the layer that carries hints between processes."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from labitory.settings.env import Environment

# A path of this site, or one on another port of the same host: `:8001/ws/live`.
_PLACE = re.compile(r"(:[0-9]{2,5})?/[a-z/-]+")


def live_url(env: Environment, found: str) -> str:
    """Where pages open their socket; empty where nothing serves it, and pages ask instead."""
    env.require(
        not found or _PLACE.fullmatch(found) is not None,
        f"LIVE_URL={found!r} is wrong: it must read /ws/live or :8001/ws/live",
    )
    return found


def live_sources(url: str) -> list[str]:
    """What the content security policy must name beside our own origin."""
    if not url.startswith(":"):
        return []
    port = url.split("/", 1)[0]
    return [f"ws://{host}{port}" for host in ("127.0.0.1", "localhost")]


def live_prefix(redis_url: str, name: str) -> str:
    """Before all that live pages keep in Redis: what is published there knows no databases."""
    parts = urlsplit(redis_url)
    number = dict(parse_qsl(parts.query)).get("db") or parts.path.rpartition("/")[2]
    return f"{name}-{number if number.isdigit() else 0}-live"


def channel_layers(redis_url: str, prefix: str) -> dict[str, Any]:
    """The one layer: published to all processes, kept nowhere; the stream keeps."""
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis_url], "prefix": prefix},
        }
    }
