"""Certificates: listing, giving, taking back."""

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
    known_person,
    seen_course,
    seen_qualification,
    today,
)
from booking.api.v1._training_shapes import (
    QualificationQuery,
    QualificationShape,
    QualificationWish,
    qualification_out,
)
from booking.models import Qualification
from booking.queries.qualifications import managed_qualifications, own_qualifications
from booking.services.qualifications import give_qualification, revoke_certificate
from labitory.lib.clock import now as clock_now

TAGS = ["training"]


class QualificationsView(GenericAPIView[Qualification]):
    """Certificates."""

    serializer_class = QualificationShape
    queryset = Qualification.objects.none()

    @extend_schema(operation_id="qualifications_list", tags=TAGS, parameters=[QualificationQuery])
    def get(self, request: Request) -> Response:
        """List your certificates, or those of the courses that you give or look after."""
        query, viewer = query_of(QualificationQuery, request), asker(request)
        if query.get("managed"):
            found = managed_qualifications(
                viewer=viewer,
                word=query.get("q", ""),
                course_id=query.get("course"),
                state=query.get("state", ""),
                today=today(),
            )
        else:
            found = own_qualifications(viewer)
        page = self.paginate_queryset(found) or ()
        return self.get_paginated_response([qualification_out(each) for each in page])

    @extend_schema(
        operation_id="qualifications_create",
        tags=TAGS,
        request=QualificationWish,
        responses={201: QualificationShape},
    )
    def post(self, request: Request) -> Response:
        """Certify that somebody has passed a course without a session."""
        wish = QualificationWish(data=request.data)
        wish.is_valid(raise_exception=True)
        given, actor = dict(wish.validated_data), asker(request)
        course = seen_course(actor, given.pop("course"))
        with told_as_problems():
            made = give_qualification(
                actor=actor,
                user=known_person(given.pop("user")),
                course_id=course.public_id,
                now=clock_now(),
                **given,
            )
        return Response(qualification_out(made), status=status.HTTP_201_CREATED)


class QualificationView(APIView):
    """One certificate."""

    @extend_schema(operation_id="qualifications_read", tags=TAGS, responses=QualificationShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a certificate: yours, or of a course that you give or look after."""
        return Response(qualification_out(seen_qualification(asker(request), public_id)))


class RevokeView(APIView):
    """Taking a certificate back."""

    @extend_schema(
        operation_id="qualifications_revoke",
        tags=TAGS,
        request=ReasonShape,
        responses=QualificationShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take a certificate back, with a reason that its person reads."""
        body = ReasonShape(data=request.data)
        body.is_valid(raise_exception=True)
        seen_qualification(asker(request), public_id)
        with told_as_problems():
            made = revoke_certificate(
                actor=asker(request),
                qualification_id=public_id,
                reason=body.validated_data.get("reason", ""),
                now=clock_now(),
            )
        return Response(qualification_out(made))
