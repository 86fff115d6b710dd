"""Chat rooms and webhooks: which of them hear of an event, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Max, Min, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.enums import DeliveryStatus, EndpointKind
from booking.models import Endpoint, Message, Resource

# What happens while an endpoint is switched off by failures is kept for so long.
KEPT = timedelta(days=7)
SECRETS = ("url", "secret", "old_secret")
# What can be sent again: it failed, or was kept while the endpoint was off.
WAITING_AGAIN = (DeliveryStatus.FAILED, DeliveryStatus.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Where to send, and with which secrets to sign: the one in force first."""

    url: str
    secrets: tuple[str, ...]


def listening(kind: str, *, now: datetime) -> list[Endpoint]:
    """The endpoints that chose a kind, or its noun, with their instruments; without secrets.

    One statement where there is none.
    """
    noun = kind.partition(".")[0]
    found = Endpoint.objects.filter(
        Q(stopped_at=None) | Q(stopped_at__gt=now - KEPT),
        is_active=True,
        kinds__overlap=[kind, f"{noun}."],
    )
    named = Prefetch("resources", Resource.objects.only("pk"))
    return list(found.defer(*SECRETS).prefetch_related(named).order_by("pk"))


def resources_named(*, key: object = None, name: str = "") -> "QuerySet[Resource]":
    """The instrument that an event names, by key or else by its name."""
    if key is None and not name:
        return Resource.objects.none()
    wanted = Q(name__iexact=name) if key is None else Q(pk=key)
    return Resource.objects.filter(wanted).order_by("pk")


def keys_of(endpoint_id: int, *, now: datetime) -> Keys:
    """Address and secrets, read as late as they are needed; the old one serves out its time."""
    found = Endpoint.objects.only(*SECRETS, "old_secret_until").get(pk=endpoint_id)
    secrets = [found.secret] if found.secret else []
    until = found.old_secret_until
    if found.old_secret and until is not None and until > now:
        secrets.append(found.old_secret)
    return Keys(url=found.url, secrets=tuple(secrets))


def failing_since(endpoint_id: int) -> datetime | None:
    """Since when nothing arrives: the first message that was tried in vain after the last success.

    None when all that was tried arrived.
    """
    tried = Message.objects.filter(endpoint=endpoint_id, attempts__gt=0)
    last = tried.filter(status=DeliveryStatus.SENT).aggregate(at=Max("sent_at"))["at"]
    failed = tried.exclude(status=DeliveryStatus.SENT)
    if last is not None:
        failed = failed.filter(created_at__gt=last)
    since: datetime | None = failed.aggregate(at=Min("created_at"))["at"]
    return since


def all_endpoints() -> "QuerySet[Endpoint]":
    """All of them by name, with their instruments."""
    return Endpoint.objects.prefetch_related("resources").order_by("name")


def find_endpoint(public_id: UUID) -> Endpoint | None:
    """One of them."""
    return all_endpoints().select_related("created_by").filter(public_id=public_id).first()


def host_of(endpoint: Endpoint) -> str:
    """As much of the address as may be shown: the rest is a password."""
    return urlsplit(endpoint.url).hostname or ""


def deliveries_of(endpoint: Endpoint) -> "QuerySet[Message]":
    """What the endpoint was told, the latest first."""
    found = Message.objects.filter(endpoint=endpoint).select_related("event", "endpoint")
    found = found.defer(*(f"endpoint__{name}" for name in SECRETS))
    return found.order_by("-created_at", "-pk")


def find_delivery(endpoint: Endpoint, event_id: UUID) -> Message | None:
    """What it was told of one event."""
    return deliveries_of(endpoint).filter(event__public_id=event_id).first()


def count_waiting_again(endpoint: Endpoint) -> int:
    """How many messages failed, or were kept while it was off."""
    return Message.objects.filter(endpoint=endpoint, status__in=WAITING_AGAIN).count()


def endpoint_managers(*, now: datetime) -> list[int]:
    """The keys of those who look after endpoints."""
    code = "endpoint.manage"
    granted = holders(code=code, wheres=[], now=now)
    found = User.objects.filter(
        Q(role=permissions()[code].least) | Q(pk__in=granted), is_active=True
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


def is_chat(endpoint: Endpoint) -> bool:
    """Whether people read it, not a program."""
    return endpoint.kind != EndpointKind.WEBHOOK
