"""Endpoints that do next to nothing, on the same server, to compare with."""

from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.http import HttpResponse
from psycopg.types.range import Range, TimestamptzRange
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from audit.models import AuditLog
from bench.raw_sql import CALENDAR, FREE
from booking.api.v1._answers import asker
from booking.enums import ClaimKind
from booking.models import Booking, Resource, ResourceCalendar
from labitory.lib.clock import now as clock_now


class EmptyView(APIView):
    """Asks who it is, and nothing else: what the framework costs."""

    def post(self, request: Request) -> Response:
        """Answer at once."""
        return Response({"user": request.user.pk}, status=201)


class InsertView(APIView):
    """Writes what it is told, unchecked: what the framework and its models cost."""

    def post(self, request: Request) -> Response:
        """Insert a booking with its claim and its audit record."""
        given: dict[str, str] = dict(request.data)
        booking = insert_unchecked(
            user=asker(request),
            resource_id=given["resource"],
            start=datetime.fromisoformat(given["start_time"]),
            end=datetime.fromisoformat(given["end_time"]),
        )
        return Response({"id": str(booking.public_id), "status": booking.status}, status=201)


class CalendarView(APIView):
    """The calendar feed as one statement that writes its own JSON."""

    def get(self, request: Request) -> HttpResponse:
        """Pass on what the database wrote."""
        with connection.cursor() as cursor:
            cursor.execute(
                CALENDAR,
                {
                    "ids": request.query_params.getlist("resource") or None,
                    "user": request.user.pk,
                    "from": request.query_params["from"],
                    "until": request.query_params["to"],
                },
            )
            (rows,) = cursor.fetchone() or ("[]",)
        body = f'{{"data": {rows}, "meta": {{}}, "errors": []}}'
        return HttpResponse(body, content_type="application/json")


class FreeSlotsView(APIView):
    """The search for free time as one statement."""

    def get(self, request: Request) -> Response:
        """The rows as they come."""
        with connection.cursor() as cursor:
            cursor.execute(
                FREE,
                {
                    "ids": request.query_params.getlist("resource"),
                    "from": request.query_params["from"],
                    "until": request.query_params["until"],
                    "zone": "Europe/Berlin",
                    "minutes": 60,
                },
            )
            return Response(
                [
                    {
                        "resource": str(key),
                        "resource_name": name,
                        "start_time": start,
                        "end_time": end,
                    }
                    for key, name, start, end in cursor.fetchall()
                ]
            )


def insert_unchecked(*, user: User, resource_id: str, start: datetime, end: datetime) -> Booking:
    """What the least service would write, without rules, decision or outbox."""
    now = clock_now()
    with transaction.atomic():
        resource = Resource.objects.get(public_id=resource_id)
        booking = Booking.objects.create(
            public_id=uuid4(),
            resource=resource,
            user=user,
            created_by=user,
            start_time=start,
            end_time=end,
            purpose="bare",
        )
        ResourceCalendar.objects.create(
            resource=resource,
            units=Range(0, 1),
            during=TimestamptzRange(start, end),
            kind=ClaimKind.BOOKING,
            booking=booking,
        )
        AuditLog.objects.create(
            at=now,
            action="booking.created",
            actor_id=user.pk,
            actor_name=str(user),
            object_type="booking.booking",
            object_id=str(booking.pk),
            object_name=str(booking),
        )
    return booking
