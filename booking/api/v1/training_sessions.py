"""Sessions of courses: planning, places, results."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import ReasonShape
from booking.api.v1._training_lookups import (
    named_person,
    seen_course,
    seen_session,
    told_session,
)
from booking.api.v1._training_shapes import (
    PlaceShape,
    PlaceWish,
    ResultsWish,
    TrainingSessionChange,
    TrainingSessionQuery,
    TrainingSessionShape,
    TrainingSessionWish,
    place_out,
    session_out,
)
from booking.enums import SeatState
from booking.models import TrainingSession
from booking.queries.training_sessions import own_sessions, upcoming_sessions
from booking.services.training_seats import Result, record_results, sign_off, sign_up
from booking.services.training_sessions import (
    SessionPlan,
    cancel_session,
    change_session,
    schedule_session,
)
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

TAGS = ["training"]
PLACE: dict[str, Any] = {"tags": TAGS, "request": PlaceWish, "responses": PlaceShape}


class TrainingSessionsView(GenericAPIView[TrainingSession]):
    """When courses are given."""

    serializer_class = TrainingSessionShape
    queryset = TrainingSession.objects.none()

    @extend_schema(
        operation_id="training_sessions_list", tags=TAGS, parameters=[TrainingSessionQuery]
    )
    def get(self, request: Request) -> Response:
        """List sessions to come, soonest first."""
        query, viewer, now = query_of(TrainingSessionQuery, request), asker(request), clock_now()
        mine = query.get("mine", False)
        found = (own_sessions if mine else upcoming_sessions)(viewer=viewer, now=now)
        if "course" in query:
            found = found.filter(course__public_id=query["course"])
        page = self.paginate_queryset(found) or ()
        return self.get_paginated_response([session_out(each) for each in page])

    @extend_schema(
        operation_id="training_sessions_create",
        tags=TAGS,
        request=TrainingSessionWish,
        responses={201: TrainingSessionShape},
    )
    def post(self, request: Request) -> Response:
        """Plan a session, and book its instrument in the same step."""
        wish = TrainingSessionWish(data=request.data)
        wish.is_valid(raise_exception=True)
        given, actor = wish.validated_data, asker(request)
        course = seen_course(actor, given["course"])
        with told_as_problems():
            made = schedule_session(
                actor=actor,
                course_id=course.public_id,
                plan=SessionPlan(
                    period=Period(given["start_time"], given["end_time"]),
                    instructor_id=given["instructor"],
                    location=given.get("location", ""),
                    seats=given.get("seats"),
                    resource_id=given.get("resource"),
                ),
                now=clock_now(),
            )
        return Response(told_session(actor, made.public_id), status=status.HTTP_201_CREATED)


class TrainingSessionView(APIView):
    """One session of a course."""

    @extend_schema(operation_id="training_sessions_read", tags=TAGS, responses=TrainingSessionShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a session."""
        return Response(session_out(seen_session(asker(request), public_id)))

    @extend_schema(
        operation_id="training_sessions_change",
        tags=TAGS,
        request=TrainingSessionChange,
        responses=TrainingSessionShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change when, where, by whom or for how many it is given; everybody is told."""
        body = TrainingSessionChange(data=request.data)
        body.is_valid(raise_exception=True)
        given, found = body.validated_data, seen_session(asker(request), public_id)
        with told_as_problems():
            change_session(
                actor=asker(request),
                session_id=public_id,
                plan=SessionPlan(
                    period=Period(
                        given.get("start_time", found.start_time),
                        given.get("end_time", found.end_time),
                    ),
                    instructor_id=given.get("instructor", found.instructor.public_id),
                    location=given.get("location", found.location),
                    seats=given.get("seats"),
                ),
                now=clock_now(),
            )
        return Response(told_session(asker(request), public_id))


class SignUpView(APIView):
    """Taking a place."""

    @extend_schema(operation_id="training_sessions_sign_up", **PLACE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take a place, or one on the waiting list when all are taken."""
        actor, user = asker(request), named_person(request, public_id)
        with told_as_problems():
            seat = sign_up(actor=actor, session_id=public_id, user=user, now=clock_now())
        return Response(place_out(seat))


class SignOffView(APIView):
    """Giving a place back."""

    @extend_schema(operation_id="training_sessions_sign_off", **PLACE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Give a place back; the next who waits moves up."""
        actor, user = asker(request), named_person(request, public_id)
        with told_as_problems():
            seat = sign_off(actor=actor, session_id=public_id, user=user, now=clock_now())
        return Response(place_out(seat))


class TrainingSessionCancelView(APIView):
    """Calling a session off."""

    @extend_schema(
        operation_id="training_sessions_cancel",
        tags=TAGS,
        request=ReasonShape,
        responses=TrainingSessionShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Call a session off; everybody with a place is told."""
        body = ReasonShape(data=request.data)
        body.is_valid(raise_exception=True)
        seen_session(asker(request), public_id)
        with told_as_problems():
            cancel_session(
                actor=asker(request),
                session_id=public_id,
                reason=body.validated_data.get("reason", ""),
                now=clock_now(),
            )
        return Response(told_session(asker(request), public_id))


class ResultsView(APIView):
    """What came of people."""

    @extend_schema(
        operation_id="training_sessions_results",
        tags=TAGS,
        request=ResultsWish,
        responses=PlaceShape(many=True),
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Record results, all or none; who passes gets a certificate."""
        body = ResultsWish(data=request.data)
        body.is_valid(raise_exception=True)
        seen_session(asker(request), public_id)
        results = [
            Result(
                user_id=each["user"],
                outcome=SeatState(each["outcome"]) if "outcome" in each else None,
                score=each.get("score"),
                note=each.get("note", ""),
            )
            for each in body.validated_data["results"]
        ]
        with told_as_problems():
            seats = record_results(
                actor=asker(request), session_id=public_id, results=results, now=clock_now()
            )
        return Response([place_out(seat) for seat in seats])
