"""Displays on walls, for those who hang them up."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.v1.permissions import needs_permission
from booking.api.v1._answers import asker, told_as_problems
from booking.enums import WallKind
from booking.models import WallDisplay
from booking.notifications.words import outside
from booking.queries.walls import displays_of
from booking.services.walls import create_display, revoke_display
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.clock import now as clock_now

TAGS = ["displays"]
MANAGERS = (IsAuthenticated, needs_permission("resource.manage"))


class DisplayWish(StrictSerializer):
    """What it shows: `of` is the id of the pool, type or unit, or the place; nothing of the lab."""

    kind = serializers.ChoiceField(choices=WallKind.choices)
    of = serializers.CharField(max_length=120, required=False, allow_blank=True)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True)


class DisplayShape(serializers.Serializer[Any]):
    """A display, without its address."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=WallKind.choices)
    title = serializers.CharField(help_text="The name of what it shows; empty for the whole lab.")
    created_by = serializers.CharField()
    created_at = MomentField()
    last_seen_at = MomentField(allow_null=True)
    revoked_at = MomentField(allow_null=True)


class NewDisplayShape(DisplayShape):
    """A new display."""

    address = serializers.CharField(
        help_text="For the browser of the screen, without a login. It is told this once."
    )


class DisplaysView(GenericAPIView[WallDisplay]):
    """All of them."""

    permission_classes = MANAGERS
    serializer_class = DisplayShape
    queryset = WallDisplay.objects.none()

    @extend_schema(operation_id="displays_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """List the displays that hang and that you may take down, by name."""
        page = list(self.paginate_queryset(displays_of(asker(request))) or ())
        return self.get_paginated_response(DisplayShape(page, many=True).data)

    @extend_schema(
        operation_id="displays_create",
        tags=TAGS,
        request=DisplayWish,
        responses={201: NewDisplayShape},
    )
    def post(self, request: Request) -> Response:
        """Hang up a display. Its address is in this answer and nowhere else."""
        wish = DisplayWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        with told_as_problems():
            made = create_display(
                actor=asker(request),
                shows=f"{said['kind']}:{said.get('of', '')}",
                name=said.get("name", ""),
                now=clock_now(),
            )
        address = outside(reverse("booking:wall", args=[made.token]))
        return Response(
            {**DisplayShape(made.display).data, "address": address},
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class DisplayRevokeView(APIView):
    """Taking one down."""

    permission_classes = MANAGERS

    @extend_schema(operation_id="displays_revoke", tags=TAGS, request=None, responses=DisplayShape)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take a display down: its address shows nothing any longer, from this moment on."""
        try:
            display = revoke_display(actor=asker(request), display_id=public_id, now=clock_now())
        except WallDisplay.DoesNotExist as error:
            raise Http404 from error
        return Response(DisplayShape(display).data)
