"""Arranging a training on an instrument."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape
from booking.api.v1._training_lookups import (
    seen_course,
    seen_resource,
    told_session,
    trainee_of,
)
from booking.api.v1._training_shapes import MatchWish, SlotShape, SlotsQuery, TrainingSessionShape
from booking.queries.trainer_matches import trainer_slots, trainers_of
from booking.services.trainer_matches import Match, arrange_training
from labitory.lib.api.fields import LengthField, write_moment
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

TAGS = ["training"]


class MatchesView(APIView):
    """Arranging a training on an instrument."""

    @extend_schema(
        operation_id="training_matches_list",
        tags=TAGS,
        parameters=[SlotsQuery],
        responses=SlotShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Times within three weeks at which trainer, instrument and trainee are all free."""
        query, actor = query_of(SlotsQuery, request), asker(request)
        course, resource = (
            seen_course(actor, query["course"]),
            seen_resource(actor, query["resource"]),
        )
        trainee = trainee_of(actor, course, query.get("user"))
        wanted = query.get("trainer")
        found = trainer_slots(
            trainers=[
                each for each in trainers_of(course, trainee) if wanted in (None, each.public_id)
            ],
            resource=resource,
            trainee=trainee,
            length=query.get("length", LengthField().to_internal_value("PT1H")),
            now=clock_now(),
        )
        return Response(
            [
                {
                    "trainer": PersonShape(each.trainer).data,
                    "start_time": write_moment(each.start_time),
                    "end_time": write_moment(each.end_time),
                }
                for each in found
            ]
        )

    @extend_schema(
        operation_id="training_matches_create",
        tags=TAGS,
        request=MatchWish,
        responses={201: TrainingSessionShape},
    )
    def post(self, request: Request) -> Response:
        """Book trainer, instrument and training in one step."""
        wish = MatchWish(data=request.data)
        wish.is_valid(raise_exception=True)
        given, actor = wish.validated_data, asker(request)
        course, resource = (
            seen_course(actor, given["course"]),
            seen_resource(actor, given["resource"]),
        )
        with told_as_problems():
            made = arrange_training(
                actor=actor,
                trainee=trainee_of(actor, course, given.get("user")),
                match=Match(
                    course_id=course.public_id,
                    resource_id=resource.public_id,
                    trainer_id=given["trainer"],
                    period=Period(given["start_time"], given["end_time"]),
                ),
                now=clock_now(),
            )
        return Response(told_session(actor, made.public_id), status=status.HTTP_201_CREATED)
