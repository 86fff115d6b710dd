"""Faults: reported by everybody, looked after by few."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape
from booking.enums import FaultState, Severity
from booking.models import Fault, Resource
from booking.permissions import can_mend_fault
from booking.queries.faults import FaultFilters, fault_queue, find_fault, notes_of
from booking.services._uploads import LARGEST_IMAGE
from booking.services.faults import (
    FaultChange,
    FaultReport,
    change_fault,
    report_fault,
    tell_affected,
)
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.api.parsers import StrictFormParser, StrictJSONParser
from labitory.lib.clock import now as clock_now


class FaultsQuery(StrictSerializer):
    """Which faults to list; without a state those that are not resolved."""

    state = serializers.ChoiceField(
        choices=[*FaultState.values, "late", "all"],
        required=False,
        help_text="`late` is what should have been mended by now.",
    )
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    resource = serializers.UUIDField(required=False)
    mine = serializers.BooleanField(required=False, help_text="Only what you are to mend.")
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class ReportWish(StrictSerializer):
    """What is wrong."""

    resource = serializers.UUIDField()
    title = serializers.CharField(max_length=150)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    severity = serializers.ChoiceField(choices=Severity.choices, default=Severity.MEDIUM)
    blocks_use = serializers.BooleanField(default=False, help_text="It cannot be used.")
    photo = serializers.FileField(
        required=False,
        help_text="JPEG, PNG or WebP of at most 5 MB, sent as `multipart/form-data`.",
    )


class FaultWish(StrictSerializer):
    """What changes about a fault; what is left out stays."""

    state = serializers.ChoiceField(choices=FaultState.choices, required=False)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    blocks_use = serializers.BooleanField(required=False)
    back_at = MomentField(required=False, allow_null=True)
    assignee = serializers.UUIDField(required=False, allow_null=True)
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Needed to resolve it: what was done.",
    )


class NoteShape(serializers.Serializer[Any]):
    """A line of a fault's history."""

    at = MomentField()
    author = PersonShape(allow_null=True, help_text="Null for who does not mend it.")
    to_state = serializers.CharField()
    text = serializers.CharField()


class FaultShape(serializers.Serializer[Any]):
    """A fault."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id")
    title = serializers.CharField()
    description = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    blocks_use = serializers.BooleanField()
    back_at = MomentField(allow_null=True)
    state = serializers.ChoiceField(choices=FaultState.choices)
    reported_by = PersonShape(allow_null=True, help_text="Null for who does not mend it.")
    assignee = PersonShape(allow_null=True)
    reported_at = MomentField()
    due_at = MomentField()
    resolved_at = MomentField(allow_null=True)
    resolution = serializers.CharField()
    photo = serializers.SerializerMethodField(help_text="The address of its photo.")

    def get_photo(self, fault: Fault) -> str | None:
        """Where the photo is."""
        return reverse("booking:attachment", args=[fault.photo.public_id]) if fault.photo else None


class FaultPageShape(FaultShape):
    """A fault with its history."""

    history = NoteShape(many=True)


class ToldShape(serializers.Serializer[Any]):
    """How many people were told."""

    told = serializers.IntegerField()


class FaultsView(GenericAPIView[Fault]):
    """Faults."""

    serializer_class = FaultShape
    queryset = Fault.objects.none()
    parser_classes = (StrictJSONParser, StrictFormParser)

    @extend_schema(operation_id="faults_list", tags=["faults"], parameters=[FaultsQuery])
    def get(self, request: Request) -> Response:
        """List the faults that you look after, mend or reported, the late and worst first."""
        query = query_of(FaultsQuery, request)
        filters = FaultFilters(
            state=query.get("state", ""),
            severity=query.get("severity", ""),
            resource_id=query.get("resource"),
            mine=query.get("mine", False),
        )
        found = fault_queue(asker(request), filters, now=clock_now())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(FaultShape(page or [], many=True).data)

    @extend_schema(
        operation_id="faults_create",
        tags=["faults"],
        request={"application/json": ReportWish, "multipart/form-data": ReportWish},
        responses={201: FaultPageShape},
    )
    def post(self, request: Request) -> Response:
        """Report a fault of a resource that you can see; with a photo as a form."""
        wish = ReportWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        photo = said.get("photo")
        try:
            with told_as_problems():
                made = report_fault(
                    actor=asker(request),
                    resource_id=said["resource"],
                    report=FaultReport(
                        title=said["title"],
                        description=said.get("description", ""),
                        severity=Severity(said["severity"]),
                        blocks_use=said["blocks_use"],
                        photo=(photo.name, photo.read(LARGEST_IMAGE + 1)) if photo else None,
                    ),
                    now=clock_now(),
                )
        except Resource.DoesNotExist as error:
            raise Http404 from error
        return Response(_out(request, made.public_id), status=status.HTTP_201_CREATED)


class FaultView(APIView):
    """One fault."""

    @extend_schema(operation_id="faults_read", tags=["faults"], responses=FaultPageShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a fault with its history."""
        return Response(_out(request, public_id))

    @extend_schema(
        operation_id="faults_change",
        tags=["faults"],
        request=FaultWish,
        responses=FaultPageShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Say how far a fault has come; resolved it can be used again."""
        wish = FaultWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said, fault = wish.validated_data, _found(request, public_id)
        assignee_id = fault.assignee.public_id if fault.assignee else None
        with told_as_problems():
            change_fault(
                actor=asker(request),
                fault_id=public_id,
                change=FaultChange(
                    state=FaultState(said.get("state", fault.state)),
                    severity=Severity(said.get("severity", fault.severity)),
                    blocks_use=said.get("blocks_use", fault.blocks_use),
                    back_at=said.get("back_at", fault.back_at),
                    assignee_id=said.get("assignee", assignee_id),
                    note=said.get("note", ""),
                ),
                now=clock_now(),
            )
        return Response(_out(request, public_id))


class FaultTellView(APIView):
    """Telling people."""

    @extend_schema(operation_id="faults_tell", tags=["faults"], request=None, responses=ToldShape)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Tell everybody whose booking falls into the outage, one message a person."""
        _found(request, public_id)
        with told_as_problems():
            told = tell_affected(actor=asker(request), fault_id=public_id, now=clock_now())
        return Response({"told": told})


def _found(request: Request, public_id: UUID) -> Fault:
    fault = find_fault(asker(request), public_id, now=clock_now())
    if fault is None:
        raise Http404
    return fault


def _out(request: Request, public_id: UUID) -> dict[str, Any]:
    fault, viewer = _found(request, public_id), asker(request)
    found = {**FaultShape(fault).data, "history": NoteShape(notes_of(fault), many=True).data}
    if can_mend_fault(viewer, fault) or fault.reported_by_id == viewer.pk:
        return found
    history = [{**each, "author": None} for each in found["history"]]
    return {**found, "reported_by": None, "history": history}
