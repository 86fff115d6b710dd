"""What goes in and out of the endpoints of the waiting list and of offers."""

from typing import Any

from rest_framework import serializers

from booking.enums import OfferKind, OfferState, WaitingKind, WaitingState
from booking.models import Offer
from booking.queries.waiting_list import OwnEntry
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment

DAYS = 7


class WaitingWishShape(StrictSerializer):
    """What you wait for: exactly one of resource, type or pool, and the time that would suit."""

    resource = serializers.UUIDField(required=False)
    type = serializers.UUIDField(required=False)
    pool = serializers.UUIDField(required=False)
    earliest = MomentField()
    latest = MomentField()
    minutes = serializers.IntegerField(
        min_value=1, max_value=20160, help_text="In one piece, within the window."
    )
    kind = serializers.ChoiceField(
        choices=WaitingKind.choices, required=False, help_text="hold if left out."
    )
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        required=False,
        max_length=DAYS,
        help_text="Monday is 0; none is every day.",
    )
    day_from = serializers.TimeField(
        required=False, allow_null=True, help_text="The lab's local time."
    )
    day_until = serializers.TimeField(
        required=False, allow_null=True, help_text="The lab's local time; may be past midnight."
    )
    project = serializers.UUIDField(required=False, allow_null=True)
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=200)


class WaitingEntryShape(serializers.Serializer[Any]):
    """Your place on the waiting list."""

    id = serializers.UUIDField()
    resource = serializers.UUIDField(allow_null=True)
    type = serializers.UUIDField(allow_null=True)
    pool = serializers.UUIDField(allow_null=True)
    earliest = MomentField()
    latest = MomentField()
    minutes = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=WaitingKind.choices)
    weekdays = serializers.ListField(child=serializers.IntegerField())
    day_from = serializers.TimeField(allow_null=True)
    day_until = serializers.TimeField(allow_null=True)
    project = serializers.UUIDField(allow_null=True)
    purpose = serializers.CharField()
    state = serializers.ChoiceField(choices=WaitingState.choices)
    missed_offers = serializers.IntegerField()
    ahead = serializers.IntegerField(
        help_text="How many come before you for some of the same time."
    )
    offer = serializers.UUIDField(allow_null=True, help_text="What is held for you now.")
    created_at = MomentField()


class OfferShape(serializers.Serializer[Any]):
    """Time that is held for you until it expires."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    state = serializers.ChoiceField(choices=OfferState.choices)
    resource = serializers.UUIDField()
    resource_name = serializers.CharField()
    start_time = MomentField()
    end_time = MomentField()
    expires_at = MomentField()
    entry = serializers.UUIDField(allow_null=True)
    displaced = serializers.UUIDField(
        allow_null=True, help_text="The booking that would move there."
    )
    booking = serializers.UUIDField(allow_null=True, help_text="What came of it.")


def entry_out(own: OwnEntry) -> dict[str, Any]:
    """An entry as the interface tells it."""
    entry = own.entry
    return {
        "id": str(entry.public_id),
        "resource": _id(entry.resource),
        "type": _id(entry.resource_type),
        "pool": _id(entry.pool),
        "earliest": write_moment(entry.earliest),
        "latest": write_moment(entry.latest),
        "minutes": entry.minutes,
        "kind": entry.kind,
        "weekdays": entry.weekdays,
        "day_from": entry.day_from.isoformat() if entry.day_from else None,
        "day_until": entry.day_until.isoformat() if entry.day_until else None,
        "project": _id(entry.project),
        "purpose": entry.purpose,
        "state": entry.state,
        "missed_offers": entry.missed_offers,
        "ahead": own.ahead,
        "offer": _id(own.offer),
        "created_at": write_moment(entry.created_at),
    }


def offer_out(offer: Offer) -> dict[str, Any]:
    """An offer as the interface tells it."""
    return {
        "id": str(offer.public_id),
        "kind": offer.kind,
        "state": offer.state,
        "resource": str(offer.resource.public_id),
        "resource_name": offer.resource.name,
        "start_time": write_moment(offer.start_time),
        "end_time": write_moment(offer.end_time),
        "expires_at": write_moment(offer.expires_at),
        "entry": _id(offer.entry),
        "displaced": _id(offer.displaced),
        "booking": _id(offer.booking),
    }


def _id(thing: Any) -> str | None:  # noqa: ANN401 - anything with a public id
    return None if thing is None else str(thing.public_id)
