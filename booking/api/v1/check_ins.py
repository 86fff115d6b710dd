"""Beginning, staying longer, finishing, and the sessions that came of it."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import BookingShape, booking_out
from booking.api.v1._check_in_shapes import (
    CheckInWish,
    CheckOutWish,
    ExtendWish,
    SessionShape,
    StartWish,
    session_out,
)
from booking.models import Booking, UsageSession
from booking.queries.bookings import find_booking
from booking.queries.check_ins import overdue_bookings
from booking.queries.resources import resource_page
from booking.queries.sessions import seen_sessions
from booking.services.bookings import BookingDetails
from booking.services.check_ins import (
    Leaving,
    check_in,
    check_out,
    extend_booking,
    mark_no_show,
    start_now,
)
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.clock import now as clock_now

STEP: dict[str, Any] = {"tags": ["check-ins"], "responses": BookingShape}


class SessionQuery(StrictSerializer):
    """What a list of sessions is narrowed to."""

    resource = serializers.UUIDField(required=False)
    running = serializers.BooleanField(required=False)
    mine = serializers.BooleanField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language: it cannot stand as an attribute."""
        window = {name: MomentField(required=False) for name in ("from", "to")}
        return {**super().get_fields(), **window}


class CheckInView(APIView):
    """Beginning."""

    @extend_schema(operation_id="bookings_check_in", request=CheckInWish, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Start to use a booking, from 15 minutes before it begins unless a policy differs."""
        _seen(request, public_id)
        wish = CheckInWish(data=request.data or {})
        wish.is_valid(raise_exception=True)
        with told_as_problems():
            check_in(
                actor=asker(request),
                booking_id=public_id,
                now=clock_now(),
                answers=wish.validated_data.get("answers"),
            )
        return Response(booking_out(_seen(request, public_id)))


class CheckOutView(APIView):
    """Finishing."""

    @extend_schema(operation_id="bookings_check_out", request=CheckOutWish, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Finish using a booking; the time that is left is free at once."""
        _seen(request, public_id)
        wish = CheckOutWish(data=request.data or {})
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        leaving = Leaving(
            answers=said.get("answers", {}),
            handover=said.get("handover", ""),
            note=said.get("handover_note", ""),
        )
        with told_as_problems():
            check_out(actor=asker(request), booking_id=public_id, now=clock_now(), leaving=leaving)
        return Response(booking_out(_seen(request, public_id)))


class ExtendView(APIView):
    """Staying longer."""

    @extend_schema(operation_id="bookings_extend", request=ExtendWish, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Extend a booking in use; a no for want of time says until when it is free."""
        _seen(request, public_id)
        wish = ExtendWish(data=request.data)
        wish.is_valid(raise_exception=True)
        with told_as_problems():
            extend_booking(
                actor=asker(request),
                booking_id=public_id,
                until=wish.validated_data["end_time"],
                now=clock_now(),
            )
        return Response(booking_out(_seen(request, public_id)))


class NoShowView(APIView):
    """Nobody came."""

    @extend_schema(operation_id="bookings_no_show", request=None, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Note that nobody came; what is left of the time is free again."""
        _seen(request, public_id)
        with told_as_problems():
            mark_no_show(actor=asker(request), booking_id=public_id, now=clock_now())
        return Response(booking_out(_seen(request, public_id)))


class StartView(APIView):
    """Walking up to a resource."""

    @extend_schema(
        operation_id="resources_start",
        tags=["check-ins"],
        request=StartWish,
        responses={201: BookingShape},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Book a free resource from this minute on and check in, with one call."""
        actor, now = asker(request), clock_now()
        if resource_page(viewer=actor, public_id=public_id, now=now) is None:
            raise Http404
        wish = StartWish(data=request.data)
        wish.is_valid(raise_exception=True)
        asked = wish.validated_data
        details = BookingDetails(purpose=asked.get("purpose", ""), project_id=asked.get("project"))
        with told_as_problems():
            booking = start_now(
                actor=actor,
                resource_id=public_id,
                until=asked["end_time"],
                now=now,
                details=details,
                answers=asked.get("answers"),
            )
        data = booking_out(_seen(request, booking.public_id))
        address = f"/api/v1/bookings/{booking.public_id}"
        return Response(data, status=status.HTTP_201_CREATED, headers={"Location": address})


class SessionsView(GenericAPIView[UsageSession]):
    """Use as it was."""

    serializer_class = SessionShape
    queryset = UsageSession.objects.none()

    @extend_schema(operation_id="sessions_list", tags=["check-ins"], parameters=[SessionQuery])
    def get(self, request: Request) -> Response:
        """List sessions, the newest first: yours, and those on what you look after."""
        viewer, query = asker(request), query_of(SessionQuery, request)
        found = seen_sessions(viewer)
        if query.get("mine"):
            found = found.filter(user=viewer)
        if "running" in query:
            found = found.filter(ended_at__isnull=query["running"])
            overdue = overdue_bookings(clock_now()).values("pk")
            found = found.exclude(booking__in=overdue) if query["running"] else found
        lookups = {
            "resource": "resource__public_id",
            "from": "started_at__gte",
            "to": "started_at__lt",
        }
        chosen = {lookup: query[name] for name, lookup in lookups.items() if name in query}
        found = found.filter(**chosen).prefetch_related("answers__question")
        page = self.paginate_queryset(found.order_by("-started_at", "-pk"))
        return self.get_paginated_response([session_out(session) for session in page or ()])


class SessionView(APIView):
    """One session."""

    @extend_schema(operation_id="sessions_read", tags=["check-ins"], responses=SessionShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a session with what was answered."""
        found = seen_sessions(asker(request)).filter(public_id=public_id)
        session = found.prefetch_related("answers__question").first()
        if session is None:
            raise Http404
        return Response(session_out(session))


def _seen(request: Request, public_id: UUID) -> Booking:
    booking = find_booking(asker(request), public_id)
    if booking is None:
        raise Http404
    return booking
