"""Browsers that show one's notices though no page is open."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, told_as_problems
from booking.models import PushSubscription
from booking.queries.browsers import browsers_of
from booking.services.browsers import LONGEST_ADDRESS, BrowserWish, add_browser, remove_browser
from labitory.lib.agents import say_agent
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.clock import now as clock_now
from labitory.lib.http import client_agent


class BrowserKeys(StrictSerializer):
    """What a message is encrypted with, for this browser alone."""

    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=50)


class BrowserBody(StrictSerializer):
    """What `PushSubscription.toJSON()` of a browser gives."""

    endpoint = serializers.CharField(max_length=LONGEST_ADDRESS)
    keys = BrowserKeys()
    # Browsers send it along; a push service says by itself when it is over.
    expirationTime = serializers.FloatField(required=False, allow_null=True)  # noqa: N815


class BrowserShape(serializers.Serializer[Any]):
    """One browser; its address and keys are told to nobody."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="What the browser said of itself.")
    created_at = MomentField()
    last_sent_at = MomentField(allow_null=True)


class BrowsersView(APIView):
    """One's browsers."""

    @extend_schema(operation_id="me_browsers_list", tags=["me"], responses=BrowserShape(many=True))
    def get(self, request: Request) -> Response:
        """List your browsers that show notices, the newest first; at most ten."""
        return Response([_out(each) for each in browsers_of(asker(request))])

    @extend_schema(
        operation_id="me_browsers_add",
        tags=["me"],
        request=BrowserBody,
        responses={201: BrowserShape},
    )
    def post(self, request: Request) -> Response:
        """Show your notices in this browser; sent twice, it is one."""
        body = BrowserBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        wish = BrowserWish(
            endpoint=asked["endpoint"],
            p256dh=asked["keys"]["p256dh"],
            auth=asked["keys"]["auth"],
            label=say_agent(client_agent(request._request)),
        )
        with told_as_problems():
            browser = add_browser(user=asker(request), wish=wish, now=clock_now())
        if request.auth is None:
            messages.success(request._request, _("This browser shows your notices from now on."))
        return Response(_out(browser), status=status.HTTP_201_CREATED)


class BrowserView(APIView):
    """One of them."""

    @extend_schema(operation_id="me_browsers_remove", tags=["me"], responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Show your notices there no more."""
        remove_browser(user=asker(request), browser_id=public_id, now=clock_now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _out(browser: PushSubscription) -> dict[str, Any]:
    sent = browser.last_sent_at
    return {
        "id": str(browser.public_id),
        "name": browser.label,
        "created_at": write_moment(browser.created_at),
        "last_sent_at": write_moment(sent) if sent else None,
    }
