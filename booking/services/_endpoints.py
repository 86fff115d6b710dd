"""How an endpoint stands after each message: what failed in a row switches it off."""

from datetime import datetime, timedelta

from django.urls import reverse

from audit.services import record
from booking.enums import DeliveryStatus
from booking.events import post_notice
from booking.locks import claim_of_endpoint, lock_endpoint_of
from booking.models import Endpoint, Message
from booking.queries.endpoints import endpoint_managers, failing_since

# Both: a server that is started anew for a minute is not switched off.
MOST_FAILURES = 20
MIN_OUTAGE = timedelta(hours=1)
_HIGHEST = 30_000


def note_sent(endpoint_id: int) -> None:
    """What arrives ends a row of failures."""
    Endpoint.objects.filter(pk=endpoint_id, failures__gt=0).update(failures=0)


def note_failed(endpoint_id: int, message: Message, *, is_gone: bool, now: datetime) -> None:
    """Count a failure in a row; after 20 of them within at least an hour, switch it off.

    At once when the other side wants nothing any more. What is being sent by others is left to
    them: each looks here afterwards.
    """
    endpoint = lock_endpoint_of(endpoint_id)
    endpoint.failures = min(endpoint.failures + 1, _HIGHEST)
    endpoint.save(update_fields=["failures"])
    if endpoint.is_active and endpoint.stopped_at is None and _is_dead(endpoint, is_gone, now):
        _stop(endpoint, message.last_error, now)
    if endpoint.stopped_at is not None and message.status == DeliveryStatus.PENDING:
        hold([message])


def _is_dead(endpoint: Endpoint, is_gone: bool, now: datetime) -> bool:  # noqa: FBT001
    if is_gone:
        return True
    if endpoint.failures < MOST_FAILURES:
        return False
    since = failing_since(endpoint.pk)
    return since is not None and since <= now - MIN_OUTAGE


def _stop(endpoint: Endpoint, why: str, now: datetime) -> None:
    endpoint.stopped_at, endpoint.stopped_reason = now, why[:300]
    endpoint.save(update_fields=["stopped_at", "stopped_reason"])
    hold_waiting(endpoint)
    record(
        action="endpoint.stopped",
        actor=None,
        target=endpoint,
        now=now,
        facts={"count": endpoint.failures},
        reason=endpoint.stopped_reason,
    )
    post_notice(
        kind="endpoint.stopped",
        people=endpoint_managers(now=now),
        now=now,
        path=reverse("booking:endpoint_detail", args=[endpoint.public_id]),
        facts={
            "title": endpoint.name,
            "n": endpoint.failures,
            "reason": endpoint.stopped_reason,
        },
    )


def hold_waiting(endpoint: Endpoint) -> int:
    """Keep what waits for the endpoint until it is on again; gives how many."""
    waiting = claim_of_endpoint(endpoint, [DeliveryStatus.PENDING], limit=None)
    hold(waiting)
    return len(waiting)


def hold(messages: list[Message]) -> None:
    """Keep messages: no worker tries them, and no digest gathers them."""
    keys = [each.pk for each in messages]
    Message.objects.filter(pk__in=keys).update(status=DeliveryStatus.HELD, next_attempt_at=None)


def send_again(messages: list[Message]) -> None:
    """Let the workers try messages from the start, under the ids they had."""
    keys = [each.pk for each in messages]
    Message.objects.filter(pk__in=keys).update(
        status=DeliveryStatus.PENDING,
        attempts=0,
        next_attempt_at=None,
        last_error="",
        receipt="",
        sent_at=None,
    )
