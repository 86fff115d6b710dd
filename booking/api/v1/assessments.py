"""Risk assessments: writing, handing in, reviewing."""

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
from booking.api.v1._booking_shapes import PersonShape
from booking.enums import AssessmentKind, AssessmentState, RiskLevel
from booking.models import RiskAssessment
from booking.queries.assessments import (
    find_assessment,
    own_assessments,
    submitted_assessments,
    visible_assessments,
)
from booking.queries.resources import find_resource
from booking.services.assessments import (
    AssessmentDetails,
    change_assessment,
    review_assessment,
    write_assessment,
)
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

TAGS = ["assessments"]
_LISTS = {
    "all": visible_assessments,
    "mine": own_assessments,
    "waiting": submitted_assessments,
}


class AssessmentsQuery(StrictSerializer):
    """Which assessments to list."""

    show = serializers.ChoiceField(
        choices=list(_LISTS),
        default="all",
        help_text="`mine` are of your own work, `waiting` are those that you review next.",
    )
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class AssessmentTextWish(StrictSerializer):
    """What its author writes. A file is added on its page."""

    title = serializers.CharField(max_length=150)
    kind = serializers.ChoiceField(choices=AssessmentKind.choices)
    level = serializers.ChoiceField(choices=RiskLevel.choices)
    hazards = serializers.CharField(max_length=5000)
    controls = serializers.CharField(max_length=5000)
    protection = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=20
    )
    submit = serializers.BooleanField(
        default=False, help_text="Hand it in for review in the same step."
    )


class AssessmentWish(AssessmentTextWish):
    """A new assessment of your own work on a resource, or of the resource itself."""

    resource = serializers.UUIDField()
    of_resource = serializers.BooleanField(
        default=False, help_text="Of the resource itself: for its reviewers only."
    )


class ReviewWish(StrictSerializer):
    """The answer of a reviewer."""

    approve = serializers.BooleanField()
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Needed to send it back."
    )
    review_on = serializers.DateField(
        required=False, allow_null=True, help_text="The last day on which it counts."
    )


class AssessmentShape(serializers.Serializer[Any]):
    """A risk assessment; without a user it is of the resource itself."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id")
    user = PersonShape(allow_null=True)
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=AssessmentKind.choices)
    level = serializers.ChoiceField(choices=RiskLevel.choices)
    hazards = serializers.CharField()
    controls = serializers.CharField()
    protection = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=AssessmentState.choices)
    review_on = serializers.DateField(allow_null=True)
    review_note = serializers.CharField()
    written_by = PersonShape()
    written_at = MomentField()
    submitted_at = MomentField(allow_null=True)
    reviewed_at = MomentField(allow_null=True)


class AssessmentsView(GenericAPIView[RiskAssessment]):
    """Risk assessments."""

    serializer_class = AssessmentShape
    queryset = RiskAssessment.objects.none()

    @extend_schema(operation_id="assessments_list", tags=TAGS, parameters=[AssessmentsQuery])
    def get(self, request: Request) -> Response:
        """List your own assessments, those you review, and those of resources themselves."""
        show = query_of(AssessmentsQuery, request)["show"]
        page = self.paginate_queryset(_LISTS[show](asker(request)))
        return self.get_paginated_response(AssessmentShape(page or [], many=True).data)

    @extend_schema(
        operation_id="assessments_create",
        tags=TAGS,
        request=AssessmentWish,
        responses={201: AssessmentShape},
    )
    def post(self, request: Request) -> Response:
        """Write an assessment, as a draft or handed in."""
        wish = AssessmentWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        if find_resource(said["resource"]) is None:
            raise Http404
        with told_as_problems():
            made = write_assessment(
                actor=asker(request),
                resource_id=said["resource"],
                details=_details(said),
                of_resource=said["of_resource"],
                submit=said["submit"],
                now=clock_now(),
            )
        return Response(_told(request, made.public_id), status=status.HTTP_201_CREATED)


class AssessmentView(APIView):
    """One risk assessment."""

    @extend_schema(operation_id="assessments_read", tags=TAGS, responses=AssessmentShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read an assessment."""
        return Response(_told(request, public_id))

    @extend_schema(
        operation_id="assessments_replace",
        tags=TAGS,
        request=AssessmentTextWish,
        responses=AssessmentShape,
    )
    def put(self, request: Request, public_id: UUID) -> Response:
        """Write your draft, or what was sent back, anew."""
        wish = AssessmentTextWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        return _change(request, public_id, _details(said), submit=said["submit"])


class AssessmentSubmitView(APIView):
    """Handing in."""

    @extend_schema(
        operation_id="assessments_submit", tags=TAGS, request=None, responses=AssessmentShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Hand your draft in for review, as it is."""
        found = _seen(request, public_id)
        details = AssessmentDetails(
            title=found.title,
            kind=AssessmentKind(found.kind),
            level=RiskLevel(found.level),
            hazards=found.hazards,
            controls=found.controls,
            protection=found.protection,
        )
        return _change(request, public_id, details, submit=True)


class AssessmentReviewView(APIView):
    """A reviewer's answer."""

    @extend_schema(
        operation_id="assessments_review",
        tags=TAGS,
        request=ReviewWish,
        responses=AssessmentShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Approve it, or send it back with a note; nobody reviews their own."""
        wish = ReviewWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        _seen(request, public_id)
        with told_as_problems():
            review_assessment(
                actor=asker(request),
                assessment_id=public_id,
                approve=said["approve"],
                note=said.get("note", ""),
                review_on=said.get("review_on"),
                now=clock_now(),
            )
        return Response(_told(request, public_id))


def _seen(request: Request, public_id: UUID) -> RiskAssessment:
    """An assessment that the asker may read."""
    found = find_assessment(asker(request), public_id)
    if found is None:
        raise Http404
    return found


def _told(request: Request, public_id: UUID) -> dict[str, Any]:
    shown: dict[str, Any] = dict(AssessmentShape(_seen(request, public_id)).data)
    return shown


def _change(
    request: Request, public_id: UUID, details: AssessmentDetails, *, submit: bool
) -> Response:
    _seen(request, public_id)
    try:
        with told_as_problems():
            change_assessment(
                actor=asker(request),
                assessment_id=public_id,
                details=details,
                submit=submit,
                now=clock_now(),
            )
    except RiskAssessment.DoesNotExist as error:
        raise Http404 from error
    return Response(_told(request, public_id))


def _details(said: dict[str, Any]) -> AssessmentDetails:
    return AssessmentDetails(
        title=said["title"],
        kind=AssessmentKind(said["kind"]),
        level=RiskLevel(said["level"]),
        hazards=said["hazards"],
        controls=said["controls"],
        protection=said.get("protection", ()),
    )
