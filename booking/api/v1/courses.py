"""Courses: what can be learnt."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._training_lookups import (
    details_of,
    seen_course,
    today,
    told_course,
)
from booking.api.v1._training_shapes import CourseQuery, CourseShape, CourseWish, course_out
from booking.models import Course
from booking.queries.courses import listed_courses
from booking.queries.qualifications import standings
from booking.services.courses import change_course, create_course
from labitory.lib.clock import now as clock_now

TAGS = ["training"]


class CoursesView(GenericAPIView[Course]):
    """What can be learnt."""

    serializer_class = CourseShape
    queryset = Course.objects.none()

    @extend_schema(operation_id="courses_list", tags=TAGS, parameters=[CourseQuery])
    def get(self, request: Request) -> Response:
        """List the courses on offer by title, with how you stand in each."""
        query = query_of(CourseQuery, request)
        found = listed_courses(
            viewer=asker(request), word=query.get("q", ""), kind=query.get("kind", "")
        )
        page = list(self.paginate_queryset(found) or ())
        known = standings(user=asker(request), courses=page, today=today())
        return self.get_paginated_response([course_out(each, known[each.pk]) for each in page])

    @extend_schema(
        operation_id="courses_create",
        tags=TAGS,
        request=CourseWish,
        responses={201: CourseShape},
    )
    def post(self, request: Request) -> Response:
        """Add a course; for those who look after training."""
        details = details_of(request)
        with told_as_problems():
            made = create_course(actor=asker(request), details=details, now=clock_now())
        return Response(told_course(asker(request), made), status=status.HTTP_201_CREATED)


class CourseView(APIView):
    """One course."""

    @extend_schema(operation_id="courses_read", tags=TAGS, responses=CourseShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a course, with how you stand in it."""
        return Response(told_course(asker(request), seen_course(asker(request), public_id)))

    @extend_schema(
        operation_id="courses_change", tags=TAGS, request=CourseWish, responses=CourseShape
    )
    def put(self, request: Request, public_id: UUID) -> Response:
        """Write a course anew. Certificates keep the end that they were given with."""
        found, details = seen_course(asker(request), public_id), details_of(request)
        with told_as_problems():
            made = change_course(
                actor=asker(request), course_id=found.public_id, details=details, now=clock_now()
            )
        return Response(told_course(asker(request), made))
