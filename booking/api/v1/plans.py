"""Templates, proposals and undoing for programs."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import (
    BookingShape,
    PersonShape,
    ProjectName,
    ResourceName,
    booking_out,
)
from booking.enums import ProposalKind, ProposalState
from booking.models import Booking, BookingTemplate, Proposal
from booking.queries.bookings import find_booking, my_bookings
from booking.queries.proposals import find_proposal, find_receiver, proposals_of, state_of
from booking.queries.templates import find_template, templates_of
from booking.queries.undo import last_act
from booking.services.proposals import (
    Offered,
    accept_proposal,
    decline_proposal,
    propose,
    withdraw_proposal,
)
from booking.services.templates import delete_template, rename_template, save_template
from booking.services.undo import undo_act
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now


class PlansQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class TemplateShape(serializers.Serializer[Any]):
    """A booking without its time."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    resources = ResourceName(many=True)
    minutes = serializers.IntegerField()
    seats = serializers.IntegerField()
    purpose = serializers.CharField()
    notes = serializers.CharField()
    project = ProjectName(allow_null=True)


class TemplateBody(StrictSerializer):
    """Which booking is kept, and under which name."""

    booking = serializers.UUIDField()
    name = serializers.CharField(max_length=80)


class TemplateName(StrictSerializer):
    """Another name."""

    name = serializers.CharField(max_length=80)


class OfferedSlot(serializers.Serializer[Any]):
    """A booking of a proposal: what and when."""

    id = serializers.UUIDField(source="public_id")
    resource = ResourceName()
    start_time = MomentField()
    end_time = MomentField()


class ProposalShape(serializers.Serializer[Any]):
    """A booking that is offered to somebody, for nothing or against one of theirs."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=ProposalKind.choices)
    state = serializers.SerializerMethodField()
    booking = OfferedSlot()
    wanted = OfferedSlot(allow_null=True)
    proposed_by = PersonShape()
    proposed_to = PersonShape()
    message = serializers.CharField()
    answer = serializers.CharField()
    proposed_at = MomentField()
    answered_at = MomentField(allow_null=True)

    def get_state(self, proposal: Proposal) -> str:
        """How far it has come; void where a booking of it changed, was cancelled or began."""
        now = self.context["now"]
        state: ProposalState = state_of(proposal, now=now)
        return state.value


class ProposalBody(StrictSerializer):
    """Which booking is offered, and either to whom or for which other booking."""

    booking = serializers.UUIDField()
    to = serializers.UUIDField(required=False, help_text="Hands it over to this person.")
    wanted = serializers.UUIDField(required=False, help_text="Swaps it for this booking.")
    message = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of `to` and `wanted`."""
        if ("to" in attrs) == ("wanted" in attrs):
            raise serializers.ValidationError("Name exactly one of `to` and `wanted`.")
        return attrs


class AnswerBody(StrictSerializer):
    """A word with a no."""

    answer = serializers.CharField(max_length=300, required=False, allow_blank=True)


class TemplatesView(GenericAPIView[BookingTemplate]):
    """The asker's templates."""

    serializer_class = TemplateShape
    queryset = BookingTemplate.objects.none()

    @extend_schema(operation_id="templates_list", tags=["bookings"], parameters=[PlansQuery])
    def get(self, request: Request) -> Response:
        """List your templates by name."""
        query_of(PlansQuery, request)
        page = self.paginate_queryset(templates_of(asker(request)))
        return self.get_paginated_response(TemplateShape(page, many=True).data)

    @extend_schema(
        operation_id="templates_create",
        tags=["bookings"],
        request=TemplateBody,
        responses={201: TemplateShape},
    )
    def post(self, request: Request) -> Response:
        """Keep what one of your bookings says, without its time, under a name."""
        body = TemplateBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked, actor = body.validated_data, asker(request)
        if not my_bookings(actor).filter(public_id=asked["booking"]).exists():
            raise _unknown("booking")
        with told_as_problems():
            made = save_template(
                actor=actor, booking_id=asked["booking"], name=asked["name"], now=clock_now()
            )
        return Response(
            TemplateShape(_template(actor, made.public_id)).data, status=status.HTTP_201_CREATED
        )


class TemplateView(APIView):
    """One of the asker's templates."""

    @extend_schema(operation_id="templates_read", tags=["bookings"], responses=TemplateShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a template of yours."""
        return Response(TemplateShape(_template(asker(request), public_id)).data)

    @extend_schema(
        operation_id="templates_rename",
        tags=["bookings"],
        request=TemplateName,
        responses=TemplateShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Give a template another name."""
        actor = asker(request)
        _template(actor, public_id)
        body = TemplateName(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            rename_template(
                actor=actor,
                template_id=public_id,
                name=body.validated_data["name"],
                now=clock_now(),
            )
        return Response(TemplateShape(_template(actor, public_id)).data)

    @extend_schema(operation_id="templates_delete", tags=["bookings"], responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Forget a template; what was booked from it stays."""
        actor = asker(request)
        _template(actor, public_id)
        delete_template(actor=actor, template_id=public_id, now=clock_now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProposalsView(GenericAPIView[Proposal]):
    """What the asker proposed or was proposed."""

    serializer_class = ProposalShape
    queryset = Proposal.objects.none()

    @extend_schema(operation_id="proposals_list", tags=["bookings"], parameters=[PlansQuery])
    def get(self, request: Request) -> Response:
        """List what you proposed and were proposed, the newest first."""
        query_of(PlansQuery, request)
        page = self.paginate_queryset(proposals_of(asker(request)))
        shape = ProposalShape(page, many=True, context={"now": clock_now()})
        return self.get_paginated_response(shape.data)

    @extend_schema(
        operation_id="proposals_create",
        tags=["bookings"],
        request=ProposalBody,
        responses={201: ProposalShape},
    )
    def post(self, request: Request) -> Response:
        """Offer one of your bookings to a person, or against one of theirs."""
        body = ProposalBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked, actor, now = body.validated_data, asker(request), clock_now()
        if find_booking(actor, asked["booking"]) is None:
            raise _unknown("booking")
        receiver = find_receiver(asked["to"]) if "to" in asked else None
        offered = Offered(
            to=receiver, wanted_id=asked.get("wanted"), message=asked.get("message", "")
        )
        try:
            with told_as_problems():
                made = propose(actor=actor, booking_id=asked["booking"], offered=offered, now=now)
        except Booking.DoesNotExist as error:
            raise _unknown("wanted") from error
        return Response(_proposal_out(actor, made.public_id), status=status.HTTP_201_CREATED)


class ProposalView(APIView):
    """One proposal."""

    @extend_schema(operation_id="proposals_read", tags=["bookings"], responses=ProposalShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a proposal that you made or were made."""
        return Response(_proposal_out(asker(request), public_id))


class ProposalAcceptView(APIView):
    """Saying yes."""

    @extend_schema(
        operation_id="proposals_accept", tags=["bookings"], request=None, responses=ProposalShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take what you were proposed; both sides' rules are asked, both change hands or none."""
        actor = asker(request)
        _proposal_out(actor, public_id)
        with told_as_problems():
            accept_proposal(actor=actor, proposal_id=public_id, now=clock_now())
        return Response(_proposal_out(actor, public_id))


class ProposalDeclineView(APIView):
    """Saying no."""

    @extend_schema(
        operation_id="proposals_decline",
        tags=["bookings"],
        request=AnswerBody,
        responses=ProposalShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Turn down what you were proposed."""
        actor = asker(request)
        _proposal_out(actor, public_id)
        body = AnswerBody(data=request.data or {})
        body.is_valid(raise_exception=True)
        answer = body.validated_data.get("answer", "")
        with told_as_problems():
            decline_proposal(actor=actor, proposal_id=public_id, now=clock_now(), answer=answer)
        return Response(_proposal_out(actor, public_id))


class ProposalWithdrawView(APIView):
    """Taking it back."""

    @extend_schema(
        operation_id="proposals_withdraw", tags=["bookings"], request=None, responses=ProposalShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take back your proposal that nobody answered."""
        actor = asker(request)
        _proposal_out(actor, public_id)
        with told_as_problems():
            withdraw_proposal(actor=actor, proposal_id=public_id, now=clock_now())
        return Response(_proposal_out(actor, public_id))


class UndoView(APIView):
    """Taking back what was just done."""

    @extend_schema(
        operation_id="bookings_undo", tags=["bookings"], request=None, responses=BookingShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Undo your cancelling or moving of this booking, within ten minutes."""
        actor = asker(request)
        act = last_act(viewer=actor, public_id=public_id)
        if act is None:
            raise Http404
        with told_as_problems():
            undo_act(actor=actor, act_id=act.public_id, now=clock_now())
        booking = find_booking(actor, public_id)
        if booking is None:
            raise Http404
        return Response(booking_out(booking))


def _template(actor: User, public_id: UUID) -> BookingTemplate:
    found = find_template(actor, public_id)
    if found is None:
        raise Http404
    return found


def _proposal_out(actor: User, public_id: UUID) -> dict[str, Any]:
    found = find_proposal(actor, public_id)
    if found is None:
        raise Http404
    return dict(ProposalShape(found, context={"now": clock_now()}).data)


def _unknown(name: str) -> serializers.ValidationError:
    text = "There is no such booking, or you may not propose it."
    return serializers.ValidationError({name: text}, code="unknown")
