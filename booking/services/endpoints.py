"""Chat rooms and webhooks: connecting, changing, trying, switching, sending again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.enums import DeliveryStatus, EndpointKind
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_event, wake_dispatcher
from booking.locks import claim_of_endpoint, lock_endpoint
from booking.models import Endpoint, Message, Resource
from booking.notifications.outside import unknown_kinds
from booking.queries.endpoints import WAITING_AGAIN
from booking.services._endpoints import hold_waiting, send_again
from labitory.lib.crypto import new_token
from labitory.lib.db import run_transaction
from labitory.lib.outbound import AddressRefused, NoAnswer, check_address

# For so long the secret before serves beside the new one.
OVERLAP = timedelta(hours=24)
# Sent again at once; the rest by asking once more.
MOST_REPLAYED = 500
LONGEST_ADDRESS = 1000
MOST_KINDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDetails:
    """What an endpoint is; without `url` the address stays, no `resources` are all of them."""

    name: str
    url: str
    kinds: tuple[str, ...]
    resource_ids: tuple[UUID, ...] = ()
    is_dry_run: bool = False


def create_endpoint(
    *, actor: User, kind: EndpointKind, details: EndpointDetails, now: datetime
) -> Endpoint:
    """Connect a chat room or webhook; a webhook has its new secret, to be shown this once.

    Raises NotAllowed, and ActionRefused for what is wrong in the details.
    """
    _require(actor)
    _check_address(details.url)
    _check_kinds(kind, details.kinds)

    def work() -> Endpoint:
        endpoint = Endpoint(
            kind=kind,
            url=details.url,
            secret=new_token() if kind == EndpointKind.WEBHOOK else "",
            created_by=actor,
            created_at=now,
        )
        _write(endpoint, details)
        record(
            action="endpoint.created",
            actor=actor,
            target=endpoint,
            now=now,
            changes={name: ("", is_now) for name, is_now in _said(endpoint).items()},
        )
        return endpoint

    return run_transaction(work)


def change_endpoint(
    *, actor: User, endpoint_id: UUID, details: EndpointDetails, now: datetime
) -> Endpoint:
    """Change what an endpoint hears, its name or its address; what was written already stays.

    Raises NotAllowed, ActionRefused, and Endpoint.DoesNotExist.
    """
    _require(actor)
    if details.url:
        _check_address(details.url)

    def work() -> Endpoint:
        endpoint = lock_endpoint(endpoint_id)
        _check_kinds(EndpointKind(endpoint.kind), details.kinds)
        before = _said(endpoint)
        if details.url:
            endpoint.url = details.url
        _write(endpoint, details)
        after = _said(endpoint)
        changes = {name: (was, after[name]) for name, was in before.items() if was != after[name]}
        if details.url:
            changes["address"] = ("", _("another one"))
        if changes:
            record(
                action="endpoint.changed", actor=actor, target=endpoint, now=now, changes=changes
            )
        return endpoint

    return run_transaction(work)


def rotate_secret(*, actor: User, endpoint_id: UUID, now: datetime) -> str:
    """Give a webhook a new secret; the one before signs as well for another day."""
    _require(actor)
    secret = new_token()

    def work() -> str:
        endpoint = lock_endpoint(endpoint_id)
        if endpoint.kind != EndpointKind.WEBHOOK:
            raise ActionRefused(
                code="endpoint.no_secret",
                text=_("Chat rooms have no secret: their address is one. Change the address."),
            )
        endpoint.old_secret, endpoint.secret = endpoint.secret, secret
        endpoint.old_secret_until = now + OVERLAP
        endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
        record(action="endpoint.rotated", actor=actor, target=endpoint, now=now)
        return secret

    return run_transaction(work)


def try_endpoint(*, actor: User, endpoint_id: UUID, now: datetime) -> UUID:
    """Send a test event, also while it is switched off; gives the id of its delivery."""
    _require(actor)

    def work() -> UUID:
        endpoint = lock_endpoint(endpoint_id)
        event = post_event(kind="endpoint.tested", payload={"endpoint": endpoint.pk}, now=now)
        record(action="endpoint.tested", actor=actor, target=endpoint, now=now)
        return event.public_id

    return run_transaction(work)


def switch_endpoint(*, actor: User, endpoint_id: UUID, is_on: bool, now: datetime) -> Endpoint:
    """Switch it on, which forgets its failures, or off, which keeps what waits."""
    _require(actor)

    def work() -> Endpoint:
        endpoint = lock_endpoint(endpoint_id)
        if is_on == (endpoint.is_active and endpoint.stopped_at is None):
            return endpoint
        endpoint.is_active = is_on
        if is_on:
            endpoint.failures, endpoint.stopped_at, endpoint.stopped_reason = 0, None, ""
        endpoint.save(update_fields=["is_active", "failures", "stopped_at", "stopped_reason"])
        if not is_on:
            hold_waiting(endpoint)
        action = "endpoint.switched_on" if is_on else "endpoint.switched_off"
        record(action=action, actor=actor, target=endpoint, now=now)
        return endpoint

    return run_transaction(work)


def replay_delivery(*, actor: User, endpoint_id: UUID, event_id: UUID, now: datetime) -> Message:
    """Send one delivery again under the id it had, whether it arrived or not.

    Raises ActionRefused while it waits or is being sent, and Message.DoesNotExist.
    """
    _require(actor)

    def work() -> Message:
        endpoint = lock_endpoint(endpoint_id)
        done = (*WAITING_AGAIN, DeliveryStatus.SENT)
        found = claim_of_endpoint(endpoint, done, limit=1, event_id=event_id)
        if not found:
            Message.objects.get(endpoint=endpoint, event__public_id=event_id)
            raise ActionRefused(
                code="delivery.waits",
                text=_("It waits to be sent already. Look again in a minute."),
            )
        _replay(endpoint, found, actor, now)
        return found[0]

    return run_transaction(work)


def replay_failed(*, actor: User, endpoint_id: UUID, now: datetime) -> int:
    """Send again what failed or was kept while it was off, oldest first; gives how many.

    At most 500 at once: who has more asks again.
    """
    _require(actor)

    def work() -> int:
        endpoint = lock_endpoint(endpoint_id)
        if not endpoint.is_active or endpoint.stopped_at is not None:
            raise ActionRefused(
                code="endpoint.off",
                text=_("It is switched off: switch it on first, then send again what it missed."),
            )
        found = claim_of_endpoint(endpoint, WAITING_AGAIN, limit=MOST_REPLAYED)
        if found:
            _replay(endpoint, found, actor, now)
        return len(found)

    return run_transaction(work)


def delete_endpoint(*, actor: User, endpoint_id: UUID, now: datetime) -> str:
    """Disconnect it: its log goes with it. Gives its name."""
    _require(actor)

    def work() -> str:
        # What is being sent is waited for; who sends it takes the endpoint after its message.
        Message.objects.filter(endpoint__public_id=endpoint_id).delete()
        endpoint = lock_endpoint(endpoint_id)
        record(action="endpoint.deleted", actor=actor, target=endpoint, now=now)
        endpoint.delete()
        return endpoint.name

    return run_transaction(work)


def _require(actor: User) -> None:
    if not may(actor, "endpoint.manage"):
        raise NotAllowed(
            code="permission.endpoint",
            text=_("Administrators connect chat rooms and other systems."),
            needs="endpoint.manage",
        )


def _check_address(url: str) -> None:
    """Refuse what may not be called, in words; asks the resolver of names."""
    try:
        if len(url) > LONGEST_ADDRESS:
            raise AddressRefused(_("This address is too long."))
        check_address(url)
    except AddressRefused as error:
        raise _refused("endpoint.address", str(error), "url") from error
    except NoAnswer as error:
        text = _("Nothing is known under this address. Is it written right?")
        raise _refused("endpoint.address", text, "url") from error


def _check_kinds(kind: EndpointKind, kinds: Sequence[str]) -> None:
    if not kinds or len(kinds) > MOST_KINDS:
        raise _refused("endpoint.no_kinds", _("Choose what it is to hear of."), "kinds")
    if unknown := unknown_kinds(kind, kinds):
        text = _("%(place)s cannot hear of this: %(kinds)s. Choose from the list.")
        words = {"place": EndpointKind(kind).label, "kinds": ", ".join(unknown)[:200]}
        raise _refused("endpoint.unknown_kind", text % words, "kinds")


def _write(endpoint: Endpoint, details: EndpointDetails) -> None:
    """Keep what was asked for. Raises ActionRefused for a taken name and unknown instruments."""
    name = details.name.strip()
    if not name:
        raise _refused("endpoint.name", _("Give it a name."), "name")
    taken = _refused(
        "endpoint.name_taken", _("There is one of this name already. Choose another."), "name"
    )
    if Endpoint.objects.filter(name__iexact=name).exclude(pk=endpoint.pk).exists():
        raise taken
    resources = list(Resource.objects.filter(public_id__in=details.resource_ids))
    if len(resources) < len(set(details.resource_ids)):
        raise _refused(
            "resource.unknown", _("There is no such instrument. Choose from the list."), "resources"
        )
    endpoint.name, endpoint.is_dry_run = name, details.is_dry_run
    endpoint.kinds = list(dict.fromkeys(details.kinds))
    try:
        endpoint.save()
    except IntegrityError as error:
        # Two people at the same moment.
        raise taken from error
    endpoint.resources.set(resources)


def _said(endpoint: Endpoint) -> dict[str, str]:
    """What the audit says of it: neither address nor secrets."""
    names = endpoint.resources.order_by("name").values_list("name", flat=True)
    return {
        "name": endpoint.name,
        "kinds": ", ".join(endpoint.kinds),
        "resources": ", ".join(names),
        "is_dry_run": str(endpoint.is_dry_run),
    }


def _replay(endpoint: Endpoint, found: list[Message], actor: User, now: datetime) -> None:
    send_again(found)
    transaction.on_commit(wake_dispatcher, robust=True)
    record(
        action="endpoint.replayed",
        actor=actor,
        target=endpoint,
        now=now,
        facts={"count": len(found)},
    )


def _refused(code: str, text: str, field: str) -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=422)
