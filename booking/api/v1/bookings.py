"""Bookings: list, make, read, move, cancel and try out."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from booking.api.v1._answers import (
    asker,
    query_of,
    refusal_out,
    repairs_out,
    told_as_problems,
)
from booking.api.v1._booking_shapes import (
    BookingCheck,
    BookingMove,
    BookingQuery,
    BookingShape,
    BookingWish,
    CheckAnswer,
    ReasonShape,
    booking_out,
    cost_out,
)
from booking.errors import ActionRefused
from booking.models import Booking
from booking.permissions import can_change_booking
from booking.queries.bookings import (
    by_start,
    find_booking,
    find_person,
    my_bookings,
    visible_bookings,
)
from booking.queries.previews import preview_booking
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import (
    BookingDetails,
    Charge,
    RequestKey,
    cancel_booking,
    create_booking,
    edit_booking,
    reschedule_booking,
)
from booking.services.pools import create_pool_booking
from labitory.lib.api.envelope import Enveloped
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

LONGEST_KEY = 100
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Your name for this request (1-100 printable characters): sent twice, it "
    "books once and gives the same answer.",
)
VERSION = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the booking as you read it: if it was changed since, nothing is done "
    "(412).",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="The version of the booking, for If-Match.",
)
STEP: dict[str, Any] = {"tags": ["bookings"], "responses": BookingShape}


class BookingsView(GenericAPIView[Booking]):
    """All bookings that you may see in full, and making one."""

    serializer_class = BookingShape
    queryset = Booking.objects.none()

    @extend_schema(operation_id="bookings_list", tags=["bookings"], parameters=[BookingQuery])
    def get(self, request: Request) -> Response:
        """List bookings by start: yours, those you attend or look after; managers see all."""
        found = _filtered(asker(request), query_of(BookingQuery, request))
        page = self.paginate_queryset(found)
        return self.get_paginated_response([booking_out(booking) for booking in page or ()])

    @extend_schema(
        operation_id="bookings_create",
        tags=["bookings"],
        request=BookingWish,
        responses={201: BookingShape},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """Book. With `resources`, the answer is the first booking and `meta.bookings` has all."""
        wish = BookingWish(data=request.data)
        wish.is_valid(raise_exception=True)
        key = _request_key(request)
        with told_as_problems():
            bookings = _create(asker(request), wish.validated_data, key)
        ids = [str(booking.public_id) for booking in bookings]
        # Nobody was asked to come along, so that there is nobody to look up.
        alone = key is None and not wish.validated_data.get("attendees")
        data = booking_out(bookings[0], () if alone else None)
        body = Enveloped(data=data, meta={"bookings": ids}, errors=[])
        address = f"/api/v1/bookings/{ids[0]}"
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": address})


class BookingView(APIView):
    """One booking."""

    @extend_schema(
        operation_id="bookings_read",
        tags=["bookings"],
        responses=BookingShape,
        parameters=[ETAG],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a booking."""
        return _answer(_seen(asker(request), public_id))

    @extend_schema(
        operation_id="bookings_change",
        tags=["bookings"],
        request=BookingMove,
        responses=BookingShape,
        parameters=[VERSION, ETAG],
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Move a booking, or change what it says. Moving asks every rule again.

        What others change at the same moment is never overwritten: where a change rests on what
        the booking was, it is refused (409).
        """
        booking = _seen(asker(request), public_id)
        move = BookingMove(data=request.data)
        move.is_valid(raise_exception=True)
        with told_as_problems():
            version = _expected(request, booking)
            _change(asker(request), booking, move.validated_data, version)
        return _answer(_seen(asker(request), public_id))


class BookingCheckView(APIView):
    """Trying out."""

    @extend_schema(
        operation_id="bookings_check",
        tags=["bookings"],
        request=BookingCheck,
        responses=CheckAnswer,
    )
    def post(self, request: Request) -> Response:
        """Ask what the rules would say to a booking, without booking: refusals and repairs."""
        check = BookingCheck(data=request.data)
        check.is_valid(raise_exception=True)
        asked, actor = check.validated_data, asker(request)
        existing = _movable(actor, asked["booking"]) if "booking" in asked else None
        preview = preview_booking(
            actor=actor,
            user=existing.user if existing else _for_whom(actor, asked),
            resource_ids=_wanted(asked),
            period=Period(asked["start_time"], asked["end_time"]),
            seats=asked.get("seats", 1),
            existing=existing,
            project_id=asked.get("project", existing.charged_to if existing else None),
            now=clock_now(),
        )
        repairs = repairs_out(preview.repairs)
        return Response(
            {
                "allowed": preview.allowed,
                "needs_approval": preview.needs_approval,
                "overridable": preview.overridable,
                "refusals": [refusal_out(each, repairs) for each in preview.refusals],
                "repairs": repairs,
                **cost_out(preview.cost),
            }
        )


class BookingStepView(APIView):
    """A step in a booking's life."""

    step: Callable[..., Booking]

    def take(self, request: Request, public_id: UUID, **told: str) -> Response:
        """Take the step; the answer is the booking after it."""
        _seen(asker(request), public_id)
        with told_as_problems():
            self.step(actor=asker(request), booking_id=public_id, now=clock_now(), **told)
        return Response(booking_out(_seen(asker(request), public_id)))

    def take_with_reason(self, request: Request, public_id: UUID) -> Response:
        """Take the step, with a reason that is kept."""
        given = ReasonShape(data=request.data or {})
        given.is_valid(raise_exception=True)
        return self.take(request, public_id, reason=given.validated_data.get("reason", ""))


class CancelView(BookingStepView):
    """Cancelling."""

    step = staticmethod(cancel_booking)

    @extend_schema(operation_id="bookings_cancel", request=ReasonShape, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Cancel a booking; its time is free at once."""
        return self.take_with_reason(request, public_id)


class ApproveView(BookingStepView):
    """Saying yes."""

    step = staticmethod(approve_booking)

    @extend_schema(operation_id="bookings_approve", request=ReasonShape, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Confirm a booking that waits for you."""
        return self.take_with_reason(request, public_id)


class RejectView(BookingStepView):
    """Saying no."""

    step = staticmethod(reject_booking)

    @extend_schema(operation_id="bookings_reject", request=ReasonShape, **STEP)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Refuse a booking that waits for you, with a reason."""
        return self.take_with_reason(request, public_id)


def _filtered(viewer: User, query: dict[str, Any]) -> QuerySet[Booking]:
    found = my_bookings(viewer) if query.get("mine") else visible_bookings(viewer)
    lookups = {
        "resource": "resource__public_id",
        "user": "user__public_id",
        "group": "group_id",
        "status": "status",
        "from": "end_time__gt",
        "to": "start_time__lt",
    }
    chosen = {lookup: query[name] for name, lookup in lookups.items() if name in query}
    return by_start(found.filter(**chosen).prefetch_related("attendees__user"), viewer)


def _seen(viewer: User, public_id: UUID) -> Booking:
    booking = find_booking(viewer, public_id)
    if booking is None:
        raise Http404
    return booking


def _movable(viewer: User, public_id: UUID) -> Booking:
    """A booking that the asker may move: trying it out tells of its person's other bookings."""
    booking = _seen(viewer, public_id)
    if not can_change_booking(viewer, booking):
        raise PermissionDenied
    return booking


def _for_whom(actor: User, asked: dict[str, Any]) -> User:
    """The person that the booking is for; whether the actor may is the service's question."""
    if "user" not in asked or asked["user"] == actor.public_id:
        return actor
    person = find_person(actor, asked["user"])
    if person is None:
        text = "There is no such person, or you may not book for them."
        raise serializers.ValidationError({"user": text}, code="unknown")
    return person


def _wanted(asked: dict[str, Any]) -> list[UUID]:
    return list(asked.get("resources") or [asked["resource"]])


def _create(actor: User, asked: dict[str, Any], key: RequestKey | None) -> list[Booking]:
    attendees = asked.get("attendees")
    common: dict[str, Any] = {
        "actor": actor,
        "user": _for_whom(actor, asked),
        "period": Period(asked["start_time"], asked["end_time"]),
        "details": BookingDetails(
            purpose=asked.get("purpose", ""),
            notes=asked.get("notes", ""),
            seats=asked.get("seats", 1),
            attendee_ids=None if attendees is None else tuple(attendees),
            project_id=asked.get("project"),
        ),
        "override": asked.get("override", ""),
        "now": clock_now(),
        "request_key": key,
    }
    if "pool" in asked:
        return [create_pool_booking(pool_id=asked["pool"], **common)]
    return create_booking(resource_ids=_wanted(asked), **common)


def _answer(booking: Booking) -> Response:
    return Response(booking_out(booking), headers={"ETag": _etag(booking)})


def _etag(booking: Booking) -> str:
    return f'"{booking.version}"'


def _expected(request: Request, booking: Booking) -> str:
    """The version that the asker says they saw, if they say so; another one than it is refuses."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return ""
    if _etag(booking) not in [each.strip() for each in given.split(",")]:
        raise ActionRefused(
            code="booking.changed",
            text=_("This booking was changed since you read it: read it again."),
            status=HTTPStatus.PRECONDITION_FAILED,
        )
    return booking.version


def _change(actor: User, booking: Booking, asked: dict[str, Any], version: str) -> None:
    attendees = asked.get("attendees")
    people = None if attendees is None else tuple(attendees)
    if not {"resource", "start_time", "end_time", "seats", "override"} & asked.keys():
        edit_booking(
            actor=actor,
            booking_id=booking.public_id,
            purpose=asked.get("purpose"),
            notes=asked.get("notes"),
            attendee_ids=people,
            charge=Charge(project_id=asked["project"]) if "project" in asked else None,
            version=version,
            now=clock_now(),
        )
        return
    reschedule_booking(
        actor=actor,
        booking_id=booking.public_id,
        resource_id=asked.get("resource"),
        period=Period(
            asked.get("start_time", booking.start_time), asked.get("end_time", booking.end_time)
        ),
        details=BookingDetails(
            purpose=asked.get("purpose", booking.purpose),
            notes=asked.get("notes", booking.notes),
            seats=asked.get("seats", booking.seats),
            attendee_ids=people,
            project_id=asked.get("project", booking.charged_to),
        ),
        override=asked.get("override", ""),
        seen=booking,
        now=clock_now(),
    )


def _request_key(request: Request) -> RequestKey | None:
    """The client's key with a digest of what was asked, however its JSON was laid out."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        text = f"Use 1 to {LONGEST_KEY} printable characters."
        raise serializers.ValidationError({"Idempotency-Key": text})
    canonical = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return RequestKey(key=key, digest=hashlib.sha256(canonical.encode()).hexdigest())
