"""The development settings as they serve: no debugging, no rate limit, addresses of our own."""

import os

os.environ["DEBUG"] = "false"

from labitory.settings.components.live import channel_layers
from labitory.settings.development import *  # noqa: F403
from labitory.settings.development import CACHES, LOGGING, REDIS_URL

PREFIX = "labitory-bench"
ROOT_URLCONF = "bench.urls"
RATE_API = "1000000/min"
# What comes over the socket is the benchmark itself, which plays the proxy.
TRUSTED_PROXIES = ["127.0.0.1"]
# A key space of our own, deleted after the run: the server may be somebody else's as well.
CACHES["default"]["KEY_PREFIX"] = PREFIX
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{PREFIX}-",
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
}
LIVE_PREFIX = f"{PREFIX}-live"
CHANNEL_LAYERS = channel_layers(REDIS_URL, LIVE_PREFIX)
LOGGING["root"]["level"] = "ERROR"  # type: ignore[index]
