"""The path to a resource: requests for access, their steps, risk assessments."""

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
from booking.enums import AccessLevel, RequestState, StepKind
from booking.models import AccessRequest, AccessStep
from booking.queries.access import (
    find_visible_request,
    path_of,
    visible_requests,
    waiting_requests,
)
from booking.queries.resources import find_resource
from booking.services.access_requests import (
    AccessWish,
    ask_for_access,
    confirm_step,
    reject_access,
    withdraw_access_request,
)
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now


class RequestsQuery(StrictSerializer):
    """Which requests to list."""

    waiting = serializers.BooleanField(
        required=False, help_text="Only those that wait and that you can help on with."
    )
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class RequestWish(StrictSerializer):
    """What you ask for."""

    resource = serializers.UUIDField()
    level = serializers.ChoiceField(choices=AccessLevel.choices, default=AccessLevel.BOOK)
    justification = serializers.CharField(max_length=2000)
    wanted_until = serializers.DateField(required=False, allow_null=True)
    supervisor = serializers.UUIDField(
        required=False, allow_null=True, help_text="Who supervises you: students must name one."
    )


class StepWish(StrictSerializer):
    """A note to the step that you confirm."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class RejectionWish(StrictSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=500)


class AccessStepShape(serializers.Serializer[Any]):
    """One step, as you see it."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=StepKind.choices)
    state = serializers.ChoiceField(choices=["done", "next", "later"])
    course = serializers.UUIDField(allow_null=True)
    note = serializers.CharField()
    confirmed_at = MomentField(allow_null=True)


class AccessRequestShape(serializers.Serializer[Any]):
    """A request for access."""

    id = serializers.UUIDField(source="public_id")
    user = PersonShape()
    resource = serializers.UUIDField(source="resource.public_id")
    level = serializers.ChoiceField(choices=AccessLevel.choices)
    justification = serializers.CharField()
    wanted_until = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=RequestState.choices)
    reason = serializers.CharField()
    asked_at = MomentField()
    decided_at = MomentField(allow_null=True)


class AccessPathShape(AccessRequestShape):
    """A request with its steps in order."""

    steps = AccessStepShape(many=True)


class AccessRequestsView(GenericAPIView[AccessRequest]):
    """Requests for access."""

    serializer_class = AccessRequestShape
    queryset = AccessRequest.objects.none()

    @extend_schema(operation_id="access_requests_list", tags=["access"], parameters=[RequestsQuery])
    def get(self, request: Request) -> Response:
        """List your own requests, and those of resources that you look after."""
        waiting = query_of(RequestsQuery, request).get("waiting", False)
        viewer = asker(request)
        found = waiting_requests(viewer) if waiting else visible_requests(viewer)
        page = self.paginate_queryset(found)
        return self.get_paginated_response(AccessRequestShape(page or [], many=True).data)

    @extend_schema(
        operation_id="access_requests_create",
        tags=["access"],
        request=RequestWish,
        responses={201: AccessPathShape},
    )
    def post(self, request: Request) -> Response:
        """Ask for access to a resource."""
        wish = RequestWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        if find_resource(said["resource"]) is None:
            raise Http404
        with told_as_problems():
            made = ask_for_access(
                actor=asker(request),
                resource_id=said["resource"],
                wish=AccessWish(
                    level=AccessLevel(said["level"]),
                    justification=said["justification"],
                    wanted_until=said.get("wanted_until"),
                    supervisor_id=said.get("supervisor"),
                ),
                now=clock_now(),
            )
        return Response(_path_out(request, made.public_id), status=status.HTTP_201_CREATED)


class AccessRequestView(APIView):
    """One request."""

    @extend_schema(operation_id="access_requests_read", tags=["access"], responses=AccessPathShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a request with its steps."""
        return Response(_path_out(request, public_id))


class AccessRejectView(APIView):
    """Saying no."""

    @extend_schema(
        operation_id="access_requests_reject",
        tags=["access"],
        request=RejectionWish,
        responses=AccessPathShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Reject a request, with a reason."""
        wish = RejectionWish(data=request.data)
        wish.is_valid(raise_exception=True)
        _require_visible(request, public_id)
        with told_as_problems():
            reject_access(
                actor=asker(request),
                request_id=public_id,
                reason=wish.validated_data["reason"],
                now=clock_now(),
            )
        return Response(_path_out(request, public_id))


class AccessWithdrawView(APIView):
    """Taking it back."""

    @extend_schema(
        operation_id="access_requests_withdraw",
        tags=["access"],
        request=None,
        responses=AccessPathShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Withdraw your own request."""
        _require_visible(request, public_id)
        try:
            with told_as_problems():
                withdraw_access_request(actor=asker(request), request_id=public_id, now=clock_now())
        except AccessRequest.DoesNotExist as error:
            raise Http404 from error
        return Response(_path_out(request, public_id))


class AccessStepConfirmView(APIView):
    """One step further."""

    @extend_schema(
        operation_id="access_steps_confirm",
        tags=["access"],
        request=StepWish,
        responses=AccessPathShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Confirm the step that comes next; the last one lets the person in."""
        wish = StepWish(data=request.data)
        wish.is_valid(raise_exception=True)
        step = AccessStep.objects.select_related("request").filter(public_id=public_id).first()
        if step is None:
            raise Http404
        _require_visible(request, step.request.public_id)
        with told_as_problems():
            done = confirm_step(
                actor=asker(request),
                step_id=public_id,
                note=wish.validated_data.get("note", ""),
                now=clock_now(),
            )
        return Response(_path_out(request, done.public_id))


def _require_visible(request: Request, public_id: UUID) -> AccessRequest:
    found = find_visible_request(asker(request), public_id)
    if found is None:
        raise Http404
    return found


def _path_out(request: Request, public_id: UUID) -> dict[str, Any]:
    found = _require_visible(request, public_id)
    path = path_of(found, viewer=asker(request), now=clock_now())
    steps = [
        {
            "id": str(each.step.public_id),
            "kind": each.step.kind,
            "state": each.state,
            "course": str(each.step.course.public_id) if each.step.course else None,
            "note": each.step.note,
            "confirmed_at": each.step.confirmed_at.isoformat() if each.step.confirmed_at else None,
        }
        for each in path.steps
    ]
    return {**AccessRequestShape(found).data, "steps": steps}
