"""Your own calendar on a CalDAV server, into which your bookings are written."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django_ratelimit.exceptions import Ratelimited
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.enums import RemotePolicy
from booking.forms.remote_calendars import CONNECT_GROUP, CONNECT_RATE
from booking.models import RemoteCalendar, RemoteEntry
from booking.queries.remote_calendars import conflicts_of, remote_calendar_of
from booking.services.remote_calendars import connect_calendar, disconnect_calendar, keep_booking
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now
from labitory.lib.limits import require_rate

TAGS = ["me"]


class RemoteCalendarWish(StrictSerializer):
    """Where the calendar lies, and how to get in."""

    url = serializers.CharField(
        max_length=1000,
        help_text="The CalDAV address of a calendar, or one that leads to exactly one calendar. "
        "Where there are several, the refusal `remote_calendar.which` names them in its facts.",
    )
    username = serializers.CharField(max_length=200)
    password = serializers.CharField(
        max_length=500,
        trim_whitespace=False,
        write_only=True,
        help_text="Kept encrypted, told to that server alone and never told again.",
    )
    policy = serializers.ChoiceField(
        choices=RemotePolicy.choices,
        default=RemotePolicy.ASK,
        help_text="What happens when an entry is changed there.",
    )


class RemoteCalendarShape(serializers.Serializer[Any]):
    """Your calendar there, without its password."""

    url = serializers.CharField()
    username = serializers.CharField()
    policy = serializers.ChoiceField(choices=RemotePolicy.choices)
    is_active = serializers.BooleanField(
        help_text="False after too many failures: connect it again with a password that works."
    )
    synced_at = MomentField(allow_null=True)
    last_error = serializers.CharField()
    created_at = MomentField()


class ConflictShape(serializers.Serializer[Any]):
    """A booking that lies at another time in your calendar, or was deleted there."""

    booking = serializers.UUIDField(source="booking.public_id")
    resource = serializers.UUIDField(source="booking.resource.public_id")
    resource_name = serializers.CharField(source="booking.resource.name")
    start_time = MomentField(source="booking.start_time")
    end_time = MomentField(source="booking.end_time")
    wanted_start = MomentField(allow_null=True)
    wanted_end = MomentField(allow_null=True)
    note = serializers.CharField(help_text="Why the booking could not follow, if it was asked to.")


class ConflictPageQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class RemoteCalendarView(APIView):
    """The calendar itself."""

    @extend_schema(operation_id="remote_calendar_read", tags=TAGS, responses=RemoteCalendarShape)
    def get(self, request: Request) -> Response:
        """Read which calendar your bookings are written into, and how that goes."""
        return Response(RemoteCalendarShape(_own(request)).data)

    @extend_schema(
        operation_id="remote_calendar_connect",
        tags=TAGS,
        request=RemoteCalendarWish,
        responses=RemoteCalendarShape,
    )
    def put(self, request: Request) -> Response:
        """Connect a calendar in place of the one before. Its server is asked at once."""
        wish = RemoteCalendarWish(data=request.data)
        wish.is_valid(raise_exception=True)
        user, said = asker(request), wish.validated_data
        try:
            require_rate(
                request._request,
                group=CONNECT_GROUP,
                keys=[f"account {user.pk}"],
                rate=CONNECT_RATE,
            )
        except Ratelimited as error:
            raise exceptions.Throttled from error
        with told_as_problems():
            made = connect_calendar(
                user=user,
                url=said["url"],
                username=said["username"],
                password=said["password"],
                policy=RemotePolicy(said["policy"]),
                now=clock_now(),
            )
        return Response(RemoteCalendarShape(made).data)

    @extend_schema(operation_id="remote_calendar_end", tags=TAGS, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Disconnect it: name and password are forgotten, what lies there stays."""
        _own(request)
        disconnect_calendar(user=asker(request), now=clock_now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConflictsView(GenericAPIView[RemoteEntry]):
    """What differs."""

    serializer_class = ConflictShape
    queryset = RemoteEntry.objects.none()

    @extend_schema(
        operation_id="remote_calendar_conflicts", tags=TAGS, parameters=[ConflictPageQuery]
    )
    def get(self, request: Request) -> Response:
        """List your bookings that were changed in your calendar and wait for a word, next first.

        Move or cancel the booking itself to follow your calendar, or keep it as it is here.
        """
        query_of(ConflictPageQuery, request)
        page = list(self.paginate_queryset(conflicts_of(asker(request))) or ())
        return self.get_paginated_response(ConflictShape(page, many=True).data)


class ConflictKeepView(APIView):
    """The lab's time."""

    @extend_schema(
        operation_id="remote_calendar_keep", tags=TAGS, request=None, responses={204: None}
    )
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Keep a booking as it is here: your calendar follows within some minutes."""
        try:
            keep_booking(user=asker(request), booking_id=booking_id, now=clock_now())
        except RemoteEntry.DoesNotExist as error:
            raise Http404 from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request) -> RemoteCalendar:
    found = remote_calendar_of(asker(request))
    if found is None:
        raise Http404
    return found
