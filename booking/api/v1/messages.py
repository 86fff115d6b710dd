"""The log of everything sent, for programs of those who may look."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import may
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape
from booking.enums import DeliveryStatus
from booking.models import Message
from booking.queries.messages import MessageFilters, find_message, message_log
from booking.services.message_log import note_messages_seen, resend_message
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

USUAL_RANGE = timedelta(days=30)


class MessagesQuery(StrictSerializer):
    """What to look for: usually the last 30 days."""

    person = serializers.CharField(
        required=False, max_length=100, help_text="Part of a name, or an address."
    )
    kind = serializers.CharField(
        required=False, max_length=60, help_text="A kind of event, or its beginning."
    )
    channel = serializers.CharField(required=False, max_length=20)
    status = serializers.ChoiceField(required=False, choices=DeliveryStatus.choices)
    since = MomentField(required=False)
    until = MomentField(required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class MessageShape(serializers.Serializer[Any]):
    """What one person was told of one event by one channel; `id` is its number in the log."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    channel = serializers.CharField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    person = PersonShape(source="user", allow_null=True)
    endpoint = serializers.CharField(source="endpoint.name", default=None, allow_null=True)
    attempts = serializers.IntegerField()
    last_error = serializers.CharField()
    receipt = serializers.CharField()
    created_at = MomentField()
    sent_at = MomentField(allow_null=True)


class MessagesView(GenericAPIView[Message]):
    """The log."""

    serializer_class = MessageShape
    queryset = Message.objects.none()

    @extend_schema(operation_id="messages_list", tags=["messages"], parameters=[MessagesQuery])
    def get(self, request: Request) -> Response:
        """Search what was sent, the newest first; looking for one person is kept."""
        viewer, now = _viewer(request), clock_now()
        asked = query_of(MessagesQuery, request)
        until = asked.get("until") or now + timedelta(minutes=1)
        filters = MessageFilters(
            since=asked.get("since") or until - USUAL_RANGE,
            until=until,
            **{
                name: asked[name]
                for name in ("person", "kind", "channel", "status")
                if name in asked
            },
        )
        page = self.paginate_queryset(message_log(viewer=viewer, filters=filters)) or []
        if filters.person:
            people = [each.user for each in page if each.user is not None]
            note_messages_seen(viewer=viewer, people=people, now=now)
        return self.get_paginated_response(MessageShape(page, many=True).data)


class MessageView(APIView):
    """One message."""

    @extend_schema(operation_id="messages_read", tags=["messages"], responses=MessageShape)
    def get(self, request: Request, pk: int) -> Response:
        """Read how far one message came; looking is kept."""
        viewer = _viewer(request)
        message = _message(viewer, pk)
        if message.user is not None:
            note_messages_seen(viewer=viewer, people=[message.user], now=clock_now())
        return Response(MessageShape(message).data)


class MessageResendView(APIView):
    """Another try."""

    @extend_schema(
        operation_id="messages_resend", tags=["messages"], request=None, responses=MessageShape
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send one message again that failed; what arrived is never sent a second time."""
        viewer = _viewer(request)
        _message(viewer, pk)
        with told_as_problems():
            resend_message(actor=viewer, message_id=pk, now=clock_now())
        return Response(MessageShape(_message(viewer, pk)).data)


def _viewer(request: Request) -> User:
    viewer = asker(request)
    if not may(viewer, "message.view"):
        raise PermissionDenied
    return viewer


def _message(viewer: User, pk: int) -> Message:
    found = find_message(viewer=viewer, pk=pk) if pk < 2**63 else None
    if found is None:
        raise Http404
    return found
