"""How series are written and read by programs."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from booking.api.v1._answers import RefusalShape, refusal_out
from booking.api.v1._booking_shapes import (
    MOST_SEATS,
    BookingTexts,
    PersonShape,
    ResourceName,
)
from booking.enums import Status
from booking.models import Booking, BookingSeries
from booking.queries.series import Occurrence, SeriesPreview, Weighed
from booking.queries.series_in_words import say_rule
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE

MOST_CHOICES = 1000
LONGEST_RULE = 200
LONGEST_MINUTES = 366 * 24 * 60


class ChoiceShape(StrictSerializer):
    """What shall be different about one occurrence: another time, or left out."""

    occurs_at = MomentField(help_text="The start that the rule gives it.")
    start_time = MomentField(required=False)
    end_time = MomentField(required=False)
    leave_out = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Left out, or with both ends of another time."""
        has_time = "start_time" in attrs and "end_time" in attrs
        if has_time == bool(attrs.get("leave_out")):
            raise serializers.ValidationError(
                {"occurs_at": "Give start_time and end_time, or leave_out."}, code="one_of"
            )
        return attrs


class SeriesWishShape(BookingTexts):
    """A series to be made: its first time, and the rule by which it repeats."""

    resource = serializers.UUIDField()
    start_time = MomentField()
    end_time = MomentField()
    rule = serializers.CharField(
        max_length=LONGEST_RULE,
        help_text="RFC 5545, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10, with COUNT or UNTIL. It "
        "repeats by the clock of the resource's lab.",
    )
    seats = serializers.IntegerField(min_value=1, max_value=MOST_SEATS, required=False)
    user = serializers.UUIDField(
        required=False, help_text="For whom; lab managers only. Yourself if left out."
    )
    choices = serializers.ListField(child=ChoiceShape(), required=False, max_length=MOST_CHOICES)
    override = serializers.CharField(max_length=500, required=False, allow_blank=True)
    skip_refused = serializers.BooleanField(
        required=False, help_text="Book all that can be instead of all or nothing."
    )


class SeriesQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class SeriesChangeShape(StrictSerializer):
    """What shall be different about the rest of a series; what is left out stays."""

    scope = serializers.ChoiceField(choices=["this_and_following", "all"])
    booking = serializers.UUIDField(required=False, help_text="The first one, for its scope.")
    starts = serializers.TimeField(required=False, help_text="By the clock of the lab.")
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=LONGEST_MINUTES)
    resource = serializers.UUIDField(required=False)
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=200)
    project = serializers.UUIDField(required=False, allow_null=True)
    override = serializers.CharField(max_length=500, required=False, allow_blank=True)
    skip_refused = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A scope that begins somewhere, and a change that changes something."""
        check_scope(attrs)
        if not {"starts", "minutes", "resource", "purpose", "project"} & set(attrs):
            raise serializers.ValidationError("Say what shall change.", code="empty")
        return attrs


class SeriesCancelShape(StrictSerializer):
    """How much of a series is cancelled, and why."""

    scope = serializers.ChoiceField(choices=["this_and_following", "all"])
    booking = serializers.UUIDField(required=False, help_text="The first one, for its scope.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A scope that begins somewhere."""
        check_scope(attrs)
        return attrs


def check_scope(attrs: dict[str, Any]) -> None:
    """A booking is named for its scope, and only there."""
    if (attrs["scope"] == "this_and_following") != ("booking" in attrs):
        raise serializers.ValidationError(
            {"booking": "Name the first booking for this_and_following, and only there."},
            code="one_of",
        )


class OccurrenceShape(serializers.Serializer[Any]):
    """One time of a series with what the rules say; the nearest legal time where they refuse."""

    occurs_at = MomentField()
    start_time = MomentField()
    end_time = MomentField()
    allowed = serializers.BooleanField()
    needs_approval = serializers.BooleanField()
    refusals = RefusalShape(many=True)
    repair_start_time = MomentField(allow_null=True)
    repair_end_time = MomentField(allow_null=True)


class SeriesPreviewShape(serializers.Serializer[Any]):
    """Every time of a series, and how many it may have."""

    occurrences = OccurrenceShape(many=True)
    left_out = serializers.ListField(child=MomentField())
    allowed = serializers.IntegerField()
    refused = serializers.IntegerField()
    most = serializers.IntegerField()


class SeriesBookingShape(serializers.Serializer[Any]):
    """A booking of a series."""

    id = serializers.UUIDField(source="public_id")
    occurs_at = MomentField()
    start_time = MomentField()
    end_time = MomentField()
    status = serializers.ChoiceField(choices=Status.choices)


class SeriesNameShape(serializers.Serializer[Any]):
    """A series without its bookings."""

    id = serializers.UUIDField(source="public_id")
    resource = ResourceName()
    user = PersonShape()
    rule = serializers.CharField()
    rule_in_words = serializers.CharField()
    first_start = MomentField()
    minutes = serializers.IntegerField()
    excluded = serializers.ListField(child=MomentField())
    split_from = serializers.UUIDField(allow_null=True)
    ended_at = MomentField(allow_null=True)


class SeriesShape(SeriesNameShape):
    """A series with its bookings, cancelled ones too."""

    bookings = SeriesBookingShape(many=True)


class SeriesMadeShape(SeriesShape):
    """A new or changed series, and what was left out of it or stayed as it was."""

    left_out = OccurrenceShape(many=True)


def series_out(series: BookingSeries) -> dict[str, Any]:
    """A series as the interface tells it."""
    return {
        "id": str(series.public_id),
        "resource": ResourceName(series.resource).data,
        "user": PersonShape(series.user).data,
        "rule": series.rule,
        "rule_in_words": say_rule(series.rule),
        "first_start": write_moment(series.first_start),
        "minutes": series.minutes,
        "excluded": [write_moment(each) for each in series.excluded],
        "split_from": str(series.split_from.public_id) if series.split_from else None,
        "ended_at": write_moment(series.ended_at) if series.ended_at else None,
    }


def whole_out(series: BookingSeries, bookings: Iterable[Booking]) -> dict[str, Any]:
    """A series with its bookings."""
    return {
        **series_out(series),
        "bookings": SeriesBookingShape(list(bookings), many=True).data,
    }


def occurrence_out(each: Weighed) -> dict[str, Any]:
    """One time of a series with what the rules say."""
    return {
        **_times_out(each.occurrence),
        "allowed": each.is_allowed,
        "needs_approval": each.approval.is_needed,
        "refusals": [refusal_out(no, []) for no in each.standing],
        "repair_start_time": write_moment(each.repair.start) if each.repair else None,
        "repair_end_time": write_moment(each.repair.end) if each.repair else None,
    }


def _times_out(occurrence: Occurrence) -> dict[str, str]:
    return {
        "occurs_at": write_moment(occurrence.occurs_at),
        "start_time": write_moment(occurrence.period.start),
        "end_time": write_moment(occurrence.period.end),
    }


def preview_out(preview: SeriesPreview) -> dict[str, Any]:
    """A preview as the interface tells it."""
    return {
        "occurrences": [occurrence_out(each) for each in preview.occurrences],
        "left_out": [write_moment(each.occurs_at) for each in preview.left_out],
        "allowed": preview.allowed,
        "refused": preview.refused,
        "most": preview.most,
    }
