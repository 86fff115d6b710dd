"""What waits for the asker's decision, several decisions at once, and who stands in."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, refusal_out, told_as_problems
from booking.api.v1._booking_shapes import BookingShape, PersonShape, booking_out
from booking.enums import ApproverKind, Needed, VoteState
from booking.models import Approval, ApprovalDelegation, Booking, Resource, ResourceType
from booking.queries.approval_answers import InboxFilters, inbox
from booking.queries.delegations import (
    find_delegate,
    find_delegation,
    own_delegations,
    received_delegations,
)
from booking.services.approvals import MOST_AT_ONCE, decide_bookings
from booking.services.delegations import DelegationScope, delegate_approvals, end_delegation
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period

MOST_DELEGATIONS = 100


class WaitingQuery(StrictSerializer):
    """Which of what waits to list."""

    everything = serializers.BooleanField(
        required=False, help_text="Also what others are asked first, where you may approve."
    )
    type = serializers.UUIDField(required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class StepShape(serializers.Serializer[Any]):
    """The step that a booking waits for."""

    position = serializers.IntegerField()
    approver = serializers.ChoiceField(choices=ApproverKind.choices)
    needed = serializers.ChoiceField(choices=Needed.choices)
    due_at = MomentField(allow_null=True)
    escalated_at = MomentField(allow_null=True)
    asked = PersonShape(many=True)


class WaitingShape(serializers.Serializer[Any]):
    """A booking that waits, and for whom; without a step for whoever may approve there."""

    booking = BookingShape()
    step = StepShape(allow_null=True)


class DecisionsWish(StrictSerializer):
    """Several decisions at once, each for itself."""

    bookings = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE
    )
    approve = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class DecisionShape(serializers.Serializer[Any]):
    """What became of one of them."""

    booking = serializers.UUIDField()
    status = serializers.CharField(allow_null=True, help_text="Null when it was refused.")
    refusals = serializers.ListField(child=serializers.DictField())


class DelegationWish(StrictSerializer):
    """Who decides in your name, from when until when, and where."""

    delegate = serializers.UUIDField()
    starts_at = MomentField()
    ends_at = MomentField()
    resource = serializers.UUIDField(required=False)
    type = serializers.UUIDField(required=False)


class DelegationShape(serializers.Serializer[Any]):
    """Somebody who decides in another's name."""

    id = serializers.UUIDField(source="public_id")
    user = PersonShape()
    delegate = PersonShape()
    starts_at = MomentField()
    ends_at = MomentField()
    resource = serializers.UUIDField(source="resource.public_id", allow_null=True, default=None)
    type = serializers.UUIDField(source="resource_type.public_id", allow_null=True, default=None)


class ApprovalsView(GenericAPIView[Booking]):
    """What waits."""

    serializer_class = WaitingShape
    queryset = Booking.objects.none()

    @extend_schema(operation_id="approvals_list", tags=["approvals"], parameters=[WaitingQuery])
    def get(self, request: Request) -> Response:
        """List the bookings that wait for your decision, soonest first."""
        query = query_of(WaitingQuery, request)
        filters = InboxFilters(everything=query.get("everything", False), type_id=query.get("type"))
        found = inbox(asker(request), filters, now=clock_now())
        page = self.paginate_queryset(found.prefetch_related("attendees__user"))
        return self.get_paginated_response([_waiting_out(booking) for booking in page or ()])


class ApprovalsDecideView(APIView):
    """Several at once."""

    @extend_schema(
        operation_id="approvals_decide",
        tags=["approvals"],
        request=DecisionsWish,
        responses=DecisionShape(many=True),
    )
    def post(self, request: Request) -> Response:
        """Approve or reject several bookings; one that is refused stops no other."""
        wish = DecisionsWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        with told_as_problems():
            answers = decide_bookings(
                actor=asker(request),
                booking_ids=said["bookings"],
                approve=said["approve"],
                reason=said.get("reason", ""),
                now=clock_now(),
            )
        return Response(
            [
                {
                    "booking": str(each.booking_id),
                    "status": each.booking.status if each.booking else None,
                    "refusals": [refusal_out(refusal, ()) for refusal in each.error.refusals]
                    if each.error
                    else [],
                }
                for each in answers
            ]
        )


class DelegationsView(APIView):
    """Stand-ins."""

    @extend_schema(
        operation_id="delegations_list",
        tags=["approvals"],
        responses=DelegationShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """List who decides in your name, and in whose names you decide, now or later."""
        user, now = asker(request), clock_now()
        found = [
            *own_delegations(user, now=now)[:MOST_DELEGATIONS],
            *received_delegations(user, now=now)[:MOST_DELEGATIONS],
        ]
        return Response(DelegationShape(found, many=True).data)

    @extend_schema(
        operation_id="delegations_create",
        tags=["approvals"],
        request=DelegationWish,
        responses={201: DelegationShape},
    )
    def post(self, request: Request) -> Response:
        """Let somebody decide in your name for a time, everywhere or in one place."""
        wish = DelegationWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        delegate = find_delegate(said["delegate"])
        if delegate is None:
            raise serializers.ValidationError({"delegate": "There is no such person."})
        try:
            with told_as_problems():
                made = delegate_approvals(
                    actor=asker(request),
                    delegate=delegate,
                    period=Period(said["starts_at"], said["ends_at"]),
                    scope=DelegationScope(
                        resource_id=said.get("resource"), type_id=said.get("type")
                    ),
                    now=clock_now(),
                )
        except Resource.DoesNotExist as error:
            raise serializers.ValidationError({"resource": "There is none such."}) from error
        except ResourceType.DoesNotExist as error:
            raise serializers.ValidationError({"type": "There is none such."}) from error
        return Response(DelegationShape(made).data, status=status.HTTP_201_CREATED)


class DelegationEndView(APIView):
    """Ending one."""

    @extend_schema(
        operation_id="delegations_end",
        tags=["approvals"],
        request=None,
        responses=DelegationShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """End one that you gave or got, at once."""
        found = find_delegation(asker(request), public_id)
        if found is None:
            raise Http404
        try:
            with told_as_problems():
                ended: ApprovalDelegation = end_delegation(
                    actor=asker(request), delegation_id=public_id, now=clock_now()
                )
        except ApprovalDelegation.DoesNotExist as error:
            raise Http404 from error
        return Response(DelegationShape(ended).data)


def _waiting_out(booking: Booking) -> dict[str, Any]:
    steps: list[Approval] = booking.open_steps  # type: ignore[attr-defined]
    return {"booking": booking_out(booking), "step": _step_out(steps[0]) if steps else None}


def _step_out(step: Approval) -> dict[str, Any]:
    asked = [vote.user for vote in step.votes.all() if vote.state == VoteState.WAITING]
    return {
        "position": step.position,
        "approver": step.approver,
        "needed": step.needed,
        "due_at": write_moment(step.due_at) if step.due_at else None,
        "escalated_at": write_moment(step.escalated_at) if step.escalated_at else None,
        "asked": PersonShape(asked, many=True).data,
    }
