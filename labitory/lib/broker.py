"""How much waits in the queues of the broker."""

from collections.abc import Iterable

import redis
import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)
SECONDS = 1


def queue_lengths(names: Iterable[str]) -> dict[str, int] | None:
    """How many tasks wait in each queue for a worker; None while the broker does not answer."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    wanted = list(names)
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as client:
            pipe = client.pipeline(transaction=False)
            for name in wanted:
                pipe.llen(f"{prefix}{name}")
            found = pipe.execute()
    except redis.RedisError as error:
        logger.warning("broker.unreachable", error=str(error))
        return None
    return dict(zip(wanted, map(int, found), strict=True))
