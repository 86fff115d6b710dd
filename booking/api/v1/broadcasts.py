"""Announcements and alarms for programs: made, read, ended."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.enums import Role
from accounts.models import Unit, User
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape, ResourceName
from booking.models import Broadcast, BroadcastReceipt, Resource
from booking.permissions import may_somewhere
from booking.queries.broadcasts import SEND, Scope, find_visible, standing_for, visible_broadcasts
from booking.services.broadcasts import Wanted, acknowledge, end_broadcast, remind, send_broadcast
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now


class BroadcastsQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class AnnouncementShape(serializers.Serializer[Any]):
    """What was announced to the asker and still stands."""

    id = serializers.UUIDField(source="broadcast.public_id")
    title = serializers.CharField(source="broadcast.title")
    text = serializers.CharField(source="broadcast.text")
    is_emergency = serializers.BooleanField(source="broadcast.is_emergency")
    author = PersonShape(source="broadcast.author")
    created_at = MomentField(source="broadcast.created_at")
    shown_until = MomentField(source="broadcast.shown_until", allow_null=True)


class BroadcastShape(serializers.Serializer[Any]):
    """What was announced, to whom, and how many have read it."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    text = serializers.CharField()
    is_emergency = serializers.BooleanField()
    must_acknowledge = serializers.BooleanField()
    resource = ResourceName(allow_null=True)
    location = serializers.CharField()
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    author = PersonShape()
    created_at = MomentField()
    shown_until = MomentField(allow_null=True)
    ended_at = MomentField(allow_null=True)
    reminded_at = MomentField(allow_null=True)
    people = serializers.IntegerField()
    read = serializers.IntegerField()


class BroadcastBody(StrictSerializer):
    """What is to be said, and to whom: at most one of resource, location and unit."""

    title = serializers.CharField(max_length=150)
    text = serializers.CharField(max_length=2000)
    is_emergency = serializers.BooleanField(default=False)
    must_acknowledge = serializers.BooleanField(default=False)
    resource = serializers.UUIDField(required=False)
    location = serializers.CharField(required=False, max_length=120)
    unit = serializers.CharField(required=False, max_length=40, help_text="A unit's code.")
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices), required=False, max_length=len(Role)
    )
    with_access = serializers.BooleanField(default=False)
    shown_until = MomentField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """At most one place."""
        if sum(name in attrs for name in ("resource", "location", "unit")) > 1:
            raise serializers.ValidationError("Name at most one of resource, location and unit.")
        return attrs


class AnnouncementsView(GenericAPIView[BroadcastReceipt]):
    """What stands for the asker."""

    serializer_class = AnnouncementShape
    queryset = BroadcastReceipt.objects.none()

    @extend_schema(
        operation_id="announcements_list", tags=["messages"], parameters=[BroadcastsQuery]
    )
    def get(self, request: Request) -> Response:
        """List what was announced to you and you have not acknowledged, emergencies first."""
        query_of(BroadcastsQuery, request)
        page = self.paginate_queryset(list(standing_for(asker(request), now=clock_now())))
        return self.get_paginated_response(AnnouncementShape(page, many=True).data)


class AcknowledgeView(APIView):
    """Saying that one has read it."""

    @extend_schema(
        operation_id="announcements_acknowledge",
        tags=["messages"],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Keep that you have read it; the first time counts."""
        try:
            acknowledge(user=asker(request), broadcast_id=public_id, now=clock_now())
        except BroadcastReceipt.DoesNotExist as error:
            raise Http404 from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class BroadcastsView(GenericAPIView[Broadcast]):
    """All where the asker may announce."""

    serializer_class = BroadcastShape
    queryset = Broadcast.objects.none()

    @extend_schema(operation_id="broadcasts_list", tags=["messages"], parameters=[BroadcastsQuery])
    def get(self, request: Request) -> Response:
        """List what was announced, the latest first."""
        query_of(BroadcastsQuery, request)
        page = self.paginate_queryset(visible_broadcasts(_sender(request)))
        return self.get_paginated_response(BroadcastShape(page, many=True).data)

    @extend_schema(
        operation_id="broadcasts_send",
        tags=["messages"],
        request=BroadcastBody,
        responses={201: BroadcastShape},
    )
    def post(self, request: Request) -> Response:
        """Announce something; it is sent at once, without a second look."""
        actor = _sender(request)
        body = BroadcastBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            made = send_broadcast(actor=actor, wanted=_wanted(body.validated_data), now=clock_now())
        return Response(_out(actor, made.public_id), status=status.HTTP_201_CREATED)


class BroadcastView(APIView):
    """One announcement."""

    @extend_schema(operation_id="broadcasts_read", tags=["messages"], responses=BroadcastShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read what was announced, and how many have acknowledged it."""
        return Response(_out(_sender(request), public_id))


class RemindView(APIView):
    """Asking again."""

    @extend_schema(
        operation_id="broadcasts_remind", tags=["messages"], request=None, responses=BroadcastShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Remind those who have not acknowledged it, at most every ten minutes."""
        actor = _sender(request)
        _out(actor, public_id)
        with told_as_problems():
            remind(actor=actor, broadcast_id=public_id, now=clock_now())
        return Response(_out(actor, public_id))


class EndView(APIView):
    """The all clear."""

    @extend_schema(
        operation_id="broadcasts_end", tags=["messages"], request=None, responses=BroadcastShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it off all pages; after an emergency everybody is told that it is over."""
        actor = _sender(request)
        _out(actor, public_id)
        with told_as_problems():
            end_broadcast(actor=actor, broadcast_id=public_id, now=clock_now())
        return Response(_out(actor, public_id))


def _sender(request: Request) -> User:
    actor = asker(request)
    if not may_somewhere(actor, SEND):
        raise PermissionDenied
    return actor


def _wanted(asked: dict[str, Any]) -> Wanted:
    resource = unit = None
    if "resource" in asked:
        resource = Resource.objects.filter(public_id=asked["resource"]).first()
    if "unit" in asked:
        unit = Unit.objects.filter(code=asked["unit"]).first()
    for name, found in (("resource", resource), ("unit", unit)):
        if name in asked and found is None:
            raise serializers.ValidationError({name: ["There is none such."]})
    return Wanted(
        title=asked["title"],
        text=asked["text"],
        scope=Scope(
            resource=resource,
            location=asked.get("location", ""),
            unit=unit,
            roles=tuple(asked.get("roles", ())),
            with_access=asked["with_access"],
        ),
        is_emergency=asked["is_emergency"],
        must_acknowledge=asked["must_acknowledge"],
        shown_until=asked.get("shown_until"),
    )


def _out(actor: User, public_id: UUID) -> dict[str, Any]:
    found = find_visible(actor, public_id)
    if found is None:
        raise Http404
    return dict(BroadcastShape(found).data)
