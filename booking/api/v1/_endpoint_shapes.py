"""The shapes of chat rooms and webhooks."""

from typing import Any

from rest_framework import serializers

from booking.enums import DeliveryStatus, EndpointKind
from booking.models import Endpoint, Message
from booking.notifications.channels import PLACES
from booking.queries.endpoints import host_of
from booking.services.endpoints import LONGEST_ADDRESS, MOST_KINDS, EndpointDetails
from labitory.lib.api.fields import StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE

_KINDS = "Kinds of the catalogue of events; a noun with a dot (`booking.`) is all of its kinds."
_MOST_RESOURCES = 1000


class EndpointShape(serializers.Serializer[Any]):
    """A chat room or webhook; of its address the host alone is told."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EndpointKind.choices)
    name = serializers.CharField()
    host = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text=_KINDS)
    resources = serializers.ListField(
        child=serializers.UUIDField(), help_text="Empty: all but hidden ones."
    )
    is_dry_run = serializers.BooleanField(help_text="Messages are written, never sent.")
    is_active = serializers.BooleanField()
    failures = serializers.IntegerField(help_text="In a row.")
    stopped_at = serializers.DateTimeField(allow_null=True)
    stopped_reason = serializers.CharField(help_text="Why failures switched it off.")
    created_at = serializers.DateTimeField()


class SecretShape(serializers.Serializer[Any]):
    """What a webhook's messages are signed with."""

    secret = serializers.CharField(help_text="Shown this once; empty for chat rooms.")


class NewEndpointShape(EndpointShape):
    """An endpoint that was connected just now, with its secret."""

    secret = serializers.CharField(help_text="Shown this once; empty for chat rooms.")


class EndpointBody(StrictSerializer):
    """What an endpoint hears; what is left out of a change stays as it is."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=LONGEST_ADDRESS)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60),
        min_length=1,
        max_length=MOST_KINDS,
        help_text=_KINDS,
    )
    resources = serializers.ListField(
        child=serializers.UUIDField(), max_length=_MOST_RESOURCES, required=False
    )
    is_dry_run = serializers.BooleanField(required=False)


class NewEndpointBody(EndpointBody):
    """What is connected, and where it is."""

    kind = serializers.ChoiceField(choices=EndpointKind.choices)


class SwitchBody(StrictSerializer):
    """Whether it is to hear of events."""

    on = serializers.BooleanField()


class EndpointPageQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class DeliveryShape(serializers.Serializer[Any]):
    """What an endpoint was told of one event, and what came back."""

    id = serializers.UUIDField(help_text="Of the event; the same however often it is sent.")
    type = serializers.CharField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    receipt = serializers.CharField(help_text="Status and duration of the answer that took it.")
    error = serializers.CharField()
    body = serializers.CharField(help_text="As it is sent.")


class ReplayedShape(serializers.Serializer[Any]):
    """How many messages are sent again."""

    sent_again = serializers.IntegerField()


def endpoint_out(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as the interface tells it."""
    return {
        "id": str(endpoint.public_id),
        "kind": endpoint.kind,
        "name": endpoint.name,
        "host": host_of(endpoint),
        "kinds": endpoint.kinds,
        "resources": [str(each.public_id) for each in endpoint.resources.all()],
        "is_dry_run": endpoint.is_dry_run,
        "is_active": endpoint.is_active and endpoint.stopped_at is None,
        "failures": endpoint.failures,
        "stopped_at": write_moment(endpoint.stopped_at) if endpoint.stopped_at else None,
        "stopped_reason": endpoint.stopped_reason,
        "created_at": write_moment(endpoint.created_at),
    }


def delivery_out(message: Message) -> dict[str, Any]:
    """A message as the interface tells it."""
    later = message.next_attempt_at
    return {
        "id": str(message.event.public_id),
        "type": message.kind,
        "status": message.status,
        "attempts": message.attempts,
        "occurred_at": write_moment(message.event.created_at),
        "sent_at": write_moment(message.sent_at) if message.sent_at else None,
        "next_attempt_at": write_moment(later) if later else None,
        "receipt": message.receipt,
        "error": message.last_error,
        "body": PLACES[message.channel].content(message).decode(),
    }


def details_of(body: dict[str, Any], endpoint: Endpoint | None = None) -> EndpointDetails:
    """A body as the service takes it; what is left out is as it stands."""
    given = dict(body)
    if endpoint is not None:
        given = {
            "name": endpoint.name,
            "kinds": endpoint.kinds,
            "resources": [each.public_id for each in endpoint.resources.all()],
            "is_dry_run": endpoint.is_dry_run,
            **given,
        }
    return EndpointDetails(
        name=given["name"],
        url=given.get("url", ""),
        kinds=tuple(given["kinds"]),
        resource_ids=tuple(given.get("resources", ())),
        is_dry_run=given.get("is_dry_run", False),
    )
