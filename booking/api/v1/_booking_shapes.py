"""How bookings are written and read by programs."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Project, User
from booking.api.v1._answers import RefusalShape, RepairShape
from booking.enums import Status
from booking.models import Booking, BookingAttendee
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE

MOST_RESOURCES = 10
MOST_ATTENDEES = 50
MOST_SEATS = 200
_TEXTS: dict[str, Any] = {"required": False, "allow_blank": True}


class BookingTexts(StrictSerializer):
    """What a booking says besides who, where and when."""

    purpose = serializers.CharField(max_length=200, **_TEXTS)
    notes = serializers.CharField(max_length=5000, **_TEXTS)
    attendees = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MOST_ATTENDEES,
        help_text="Ids of people who come along.",
    )
    project = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="What it is charged to: one of the person's projects, or null for none.",
    )


class BookingWish(BookingTexts):
    """A booking to be made: exactly one of `resource`, `resources` and `pool`."""

    resource = serializers.UUIDField(required=False)
    resources = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        min_length=1,
        max_length=MOST_RESOURCES,
        help_text="Several resources, booked together or not at all.",
    )
    pool = serializers.UUIDField(required=False, help_text="Any free member of a pool.")
    start_time = MomentField()
    end_time = MomentField()
    seats = serializers.IntegerField(min_value=1, max_value=MOST_SEATS, required=False)
    user = serializers.UUIDField(
        required=False, help_text="For whom; lab managers only. Yourself if left out."
    )
    override = serializers.CharField(
        max_length=500,
        help_text="A lab manager's reason for overriding the rules that may be overridden.",
        **_TEXTS,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way of saying what is wanted."""
        if sum(name in attrs for name in ("resource", "resources", "pool")) != 1:
            raise serializers.ValidationError(
                {"resource": "Give exactly one of resource, resources and pool."}, code="one_of"
            )
        return attrs


class BookingCheck(BookingWish):
    """A booking to be tried out: `booking` is one that would be moved so."""

    booking = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """A pool has no rules of its own: ask about its members."""
        fields = super().get_fields()
        del fields["pool"]
        return fields


class BookingMove(BookingTexts):
    """What changes about a booking; what is left out stays."""

    resource = serializers.UUIDField(required=False)
    start_time = MomentField(required=False)
    end_time = MomentField(required=False)
    seats = serializers.IntegerField(min_value=1, max_value=MOST_SEATS, required=False)
    override = serializers.CharField(max_length=500, **_TEXTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A change changes something."""
        if not attrs:
            raise serializers.ValidationError("Say what shall change.", code="empty")
        return attrs


class ReasonShape(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500, **_TEXTS)


class BookingQuery(StrictSerializer):
    """Which bookings to list."""

    resource = serializers.UUIDField(required=False)
    user = serializers.UUIDField(required=False)
    group = serializers.UUIDField(required=False, help_text="Bookings that were made together.")
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    mine = serializers.BooleanField(required=False, help_text="Only yours and those you attend.")
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language: it cannot stand as an attribute."""
        moments = {"from": MomentField(required=False), "to": MomentField(required=False)}
        return {**super().get_fields(), **moments}


class PersonShape(serializers.Serializer[Any]):
    """Somebody, by id and name."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="full_name")


class ResourceName(serializers.Serializer[Any]):
    """A resource, by id, name and short code."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    code = serializers.CharField()


class ProjectName(serializers.Serializer[Any]):
    """A project, by id, name and account code."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    code = serializers.CharField()


class BookingShape(serializers.Serializer[Any]):
    """A booking as it stands."""

    id = serializers.UUIDField(source="public_id")
    resource = ResourceName()
    user = PersonShape()
    created_by = PersonShape()
    start_time = MomentField()
    end_time = MomentField()
    status = serializers.ChoiceField(choices=Status.choices)
    seats = serializers.IntegerField()
    purpose = serializers.CharField()
    notes = serializers.CharField()
    project = ProjectName(allow_null=True)
    attendees = serializers.SerializerMethodField()
    group = serializers.UUIDField(source="group_id", allow_null=True)
    estimated_cost = serializers.CharField(
        source="cost",
        allow_null=True,
        help_text="An amount such as 12.50; null where it had no price.",
    )
    currency = serializers.SerializerMethodField(help_text="The lab's, by ISO 4217.")
    sequence = serializers.IntegerField()
    is_late_cancellation = serializers.BooleanField()
    created_at = MomentField()
    updated_at = MomentField()

    def get_currency(self, _booking: Booking) -> str:
        """What all costs are in."""
        return str(settings.LAB_CURRENCY)

    @extend_schema_field(PersonShape(many=True))
    def get_attendees(self, booking: Booking) -> list[dict[str, str]]:
        """Who comes along."""
        people = (attendee.user for attendee in booking.attendees.all())
        return [{"id": str(person.public_id), "name": person.full_name} for person in people]


def booking_out(
    booking: Booking, attendees: Iterable[BookingAttendee] | None = None
) -> dict[str, Any]:
    """What `BookingShape` gives, by hand: building its fields takes as long as a query.

    Without `attendees` they are read.
    """
    people = booking.attendees.all() if attendees is None else attendees
    return {
        "id": str(booking.public_id),
        "resource": {
            "id": str(booking.resource.public_id),
            "name": booking.resource.name,
            "code": booking.resource.code,
        },
        "user": _person_out(booking.user),
        "created_by": _person_out(booking.created_by),
        "start_time": write_moment(booking.start_time),
        "end_time": write_moment(booking.end_time),
        "status": str(booking.status),
        "seats": booking.seats,
        "purpose": booking.purpose,
        "notes": booking.notes,
        "project": project_out(booking.project) if booking.project else None,
        "attendees": [_person_out(attendee.user) for attendee in people],
        "group": str(booking.group_id) if booking.group_id else None,
        **cost_out(booking.cost),
        "sequence": booking.sequence,
        "is_late_cancellation": booking.is_late_cancellation,
        "created_at": write_moment(booking.created_at),
        "updated_at": write_moment(booking.updated_at),
    }


def cost_out(cost: Decimal | None) -> dict[str, str | None]:
    """What something costs, as text: no program shall make a fraction of it."""
    return {
        "estimated_cost": None if cost is None else f"{cost:.2f}",
        "currency": settings.LAB_CURRENCY,
    }


def project_out(project: Project) -> dict[str, str]:
    """A project as bookings name it."""
    return {"id": str(project.public_id), "name": project.name, "code": project.code}


def _person_out(person: User) -> dict[str, str]:
    return {"id": str(person.public_id), "name": person.full_name}


class CheckAnswer(serializers.Serializer[Any]):
    """What the rules would say."""

    allowed = serializers.BooleanField()
    needs_approval = serializers.BooleanField()
    overridable = serializers.BooleanField(
        help_text="Whether you could override all refusals with a reason."
    )
    refusals = RefusalShape(many=True)
    repairs = RepairShape(many=True)
    estimated_cost = serializers.CharField(
        allow_null=True, help_text="Of all that is asked for; null where nothing has a price."
    )
    currency = serializers.CharField(help_text="The lab's, by ISO 4217.")
