"""One's own calendar feeds."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, told_as_problems
from booking.enums import FeedScope
from booking.models import CalendarFeed
from booking.notifications.words import outside
from booking.queries.feeds import feeds_of
from booking.services.feeds import NewFeed, create_feed, renew_feed, revoke_feed
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.clock import now as clock_now


class FeedWish(StrictSerializer):
    """What the feed shows; a resource or a group where the scope is one."""

    scope = serializers.ChoiceField(choices=FeedScope.choices)
    resource = serializers.UUIDField(required=False)
    group = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True)


class FeedShape(serializers.Serializer[Any]):
    """A feed, without its address."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    scope = serializers.ChoiceField(choices=FeedScope.choices)
    resource = serializers.UUIDField(source="resource.public_id", allow_null=True, default=None)
    group = serializers.UUIDField(source="group.public_id", allow_null=True, default=None)
    created_at = MomentField()
    last_read_at = MomentField(allow_null=True)


class NewFeedShape(FeedShape):
    """A new feed, or one with a new address."""

    address = serializers.CharField(
        help_text="For calendar programs, without a login. It is told this once: keep it secret."
    )


class FeedsView(APIView):
    """All of them."""

    @extend_schema(operation_id="feeds_list", tags=["feeds"], responses=FeedShape(many=True))
    def get(self, request: Request) -> Response:
        """List your calendar feeds, newest first."""
        return Response(FeedShape(feeds_of(asker(request)), many=True).data)

    @extend_schema(
        operation_id="feeds_create",
        tags=["feeds"],
        request=FeedWish,
        responses={201: NewFeedShape},
    )
    def post(self, request: Request) -> Response:
        """Make a feed. Its address is in this answer and nowhere else."""
        wish = FeedWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        with told_as_problems():
            made = create_feed(
                user=asker(request),
                name=said.get("name", ""),
                scope=FeedScope(said["scope"]),
                resource_id=said.get("resource"),
                group_id=said.get("group"),
                now=clock_now(),
            )
        return _told_once(made, status.HTTP_201_CREATED)


class FeedRenewView(APIView):
    """A new address."""

    @extend_schema(operation_id="feeds_renew", tags=["feeds"], request=None, responses=NewFeedShape)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Give one of your feeds a new address; the old one is dead at once."""
        try:
            made = renew_feed(user=asker(request), feed_id=public_id, now=clock_now())
        except CalendarFeed.DoesNotExist as error:
            raise Http404 from error
        return _told_once(made, status.HTTP_200_OK)


class FeedRevokeView(APIView):
    """Ending one."""

    @extend_schema(operation_id="feeds_revoke", tags=["feeds"], request=None, responses=FeedShape)
    def post(self, request: Request, public_id: UUID) -> Response:
        """End one of your feeds: its address shows nothing any longer."""
        try:
            feed = revoke_feed(user=asker(request), feed_id=public_id, now=clock_now())
        except CalendarFeed.DoesNotExist as error:
            raise Http404 from error
        return Response(FeedShape(feed).data)


def _told_once(made: NewFeed, code: int) -> Response:
    address = outside(reverse("booking:feed_read", args=[made.token]))
    shape = {**FeedShape(made.feed).data, "address": address}
    return Response(shape, status=code, headers={"Cache-Control": "no-store"})
