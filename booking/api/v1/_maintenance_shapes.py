"""The shapes of planned work."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from booking.api.v1._booking_shapes import PersonShape
from booking.enums import InTheWay, MaintenanceKind, OfferState
from booking.models import MaintenancePlan, MaintenanceRecord
from booking.services.maintenance import WorkDetails
from booking.services.maintenance_plans import Rhythm
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE

_DETAILS = ("title", "kind", "vendor", "cost", "notes")
_LONGEST_MINUTES = 20160


class MaintenanceQuery(StrictSerializer):
    """Which work to list."""

    past = serializers.BooleanField(required=False, help_text="What is over or was called off.")
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class _WorkFields(StrictSerializer):
    """What is said about work."""

    kind = serializers.ChoiceField(choices=MaintenanceKind.choices, required=False)
    vendor = serializers.CharField(required=False, allow_blank=True, max_length=120)
    cost = serializers.DecimalField(
        required=False, allow_null=True, max_digits=10, decimal_places=2, min_value=0
    )
    notes = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class WorkWish(_WorkFields):
    """Work to plan."""

    resource = serializers.UUIDField()
    title = serializers.CharField(max_length=200)
    start_time = MomentField()
    end_time = MomentField()
    way = serializers.ChoiceField(
        choices=InTheWay.choices,
        default=InTheWay.REFUSE,
        help_text="What happens to bookings in the way.",
    )
    fault = serializers.UUIDField(
        required=False, allow_null=True, help_text="A fault that the work is to mend."
    )


class WorkChange(_WorkFields):
    """What changes about planned work."""

    title = serializers.CharField(required=False, max_length=200)
    start_time = MomentField(required=False)
    end_time = MomentField(required=False)
    way = serializers.ChoiceField(choices=InTheWay.choices, default=InTheWay.REFUSE)


class PlanWish(_WorkFields):
    """Work that comes back."""

    resource = serializers.UUIDField()
    title = serializers.CharField(max_length=200)
    first_start = MomentField()
    minutes = serializers.IntegerField(min_value=1, max_value=_LONGEST_MINUTES)
    rule = serializers.CharField(
        max_length=300,
        help_text="After RFC 5545, such as FREQ=MONTHLY;BYDAY=1MO; it needs no end.",
    )


class PlanChange(_WorkFields):
    """What changes about a plan."""

    title = serializers.CharField(required=False, max_length=200)
    first_start = MomentField(required=False)
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=_LONGEST_MINUTES)
    rule = serializers.CharField(required=False, max_length=300)


class WorkShape(serializers.Serializer[Any]):
    """Planned work."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id")
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=MaintenanceKind.choices)
    start_time = MomentField()
    end_time = MomentField()
    vendor = serializers.CharField()
    cost = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    notes = serializers.CharField()
    cancelled_at = MomentField(allow_null=True)


class ReplacementShape(serializers.Serializer[Any]):
    """What a displaced booking was offered, and what its person said."""

    booking = serializers.UUIDField(source="displaced.public_id")
    user = PersonShape()
    resource = serializers.UUIDField(source="resource.public_id")
    start_time = MomentField()
    end_time = MomentField()
    state = serializers.ChoiceField(choices=OfferState.choices)
    expires_at = MomentField()


class WorkPageShape(serializers.Serializer[Any]):
    """Planned work, with the bookings that it displaced."""

    work = WorkShape()
    displaced = ReplacementShape(many=True)


class PlanShape(serializers.Serializer[Any]):
    """A plan of work that comes back."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id")
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=MaintenanceKind.choices)
    rule = serializers.CharField()
    first_start = MomentField()
    minutes = serializers.IntegerField()
    vendor = serializers.CharField()
    cost = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    notes = serializers.CharField()
    planned_until = MomentField(allow_null=True)
    ended_at = MomentField(allow_null=True)


def details_in(
    said: Mapping[str, Any], known: MaintenanceRecord | MaintenancePlan | None = None
) -> WorkDetails:
    """What is said about the work; what was left out stays as it was."""
    values = {name: getattr(known, name) for name in _DETAILS} if known else {}
    values |= {name: said[name] for name in _DETAILS if name in said}
    if "kind" in values:
        values["kind"] = MaintenanceKind(values["kind"])
    return WorkDetails(**values)


def rhythm_in(said: Mapping[str, Any], known: MaintenancePlan | None = None) -> Rhythm:
    """When the work comes back; what was left out stays as it was."""
    names = ("rule", "first_start", "minutes")
    values = {name: getattr(known, name) for name in names} if known else {}
    return Rhythm(**values | {name: said[name] for name in names if name in said})
