"""Resources, and when one of them is free."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from booking.api.v1._answers import asker, query_of
from booking.api.v1._windows import WindowQuery, window_of
from booking.models import Resource
from booking.queries.availability import availability
from booking.queries.places import shown_to
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now


class ResourceQuery(StrictSerializer):
    """Which resources to list."""

    q = serializers.CharField(required=False, max_length=100, help_text="Part of a name or place.")
    code = serializers.CharField(required=False, max_length=12)
    type = serializers.UUIDField(required=False)
    pool = serializers.UUIDField(required=False)
    is_active = serializers.BooleanField(required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class TypeShape(serializers.Serializer[Any]):
    """A kind of resource."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class ResourceShape(serializers.Serializer[Any]):
    """A resource as it stands."""

    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    type = TypeShape(source="resource_type")
    description = serializers.CharField()
    location = serializers.CharField()
    is_active = serializers.BooleanField()
    closed_reason = serializers.CharField()
    time_zone = serializers.CharField(source="zone.key")
    slot_minutes = serializers.IntegerField()
    setup_minutes = serializers.IntegerField()
    cleanup_minutes = serializers.IntegerField()
    capacity = serializers.IntegerField()
    requires_access = serializers.BooleanField()
    requires_approval = serializers.BooleanField()
    requires_assessment = serializers.BooleanField()
    is_hidden = serializers.BooleanField()


class PeriodShape(serializers.Serializer[Any]):
    """From a moment up to another."""

    start_time = MomentField(source="start")
    end_time = MomentField(source="end")


class BusyShape(serializers.Serializer[Any]):
    """A claim on the resource's time, with set-up and clean-up."""

    kind = serializers.ChoiceField(choices=["booking", "linked", "hold", "maintenance", "closure"])
    start_time = MomentField(source="claim_start")
    end_time = MomentField(source="claim_end")


class AvailabilityShape(serializers.Serializer[Any]):
    """When a resource is open, claimed, and free for you."""

    open = PeriodShape(many=True)
    busy = BusyShape(many=True)
    free = PeriodShape(many=True, help_text="What you could book, by your own access and limits.")


class ResourcesView(GenericAPIView[Resource]):
    """All resources."""

    serializer_class = ResourceShape
    queryset = Resource.objects.none()

    @extend_schema(operation_id="resources_list", tags=["resources"], parameters=[ResourceQuery])
    def get(self, request: Request) -> Response:
        """List resources by name."""
        found = _filtered(asker(request), query_of(ResourceQuery, request))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ResourceShape(page or [], many=True).data)


class ResourceView(APIView):
    """One resource."""

    @extend_schema(operation_id="resources_read", tags=["resources"], responses=ResourceShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a resource."""
        return Response(ResourceShape(_resource(asker(request), public_id)).data)


class AvailabilityView(APIView):
    """The time of one resource."""

    @extend_schema(
        operation_id="resources_availability",
        tags=["resources"],
        parameters=[WindowQuery],
        responses=AvailabilityShape,
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """When a resource is open, claimed and free: the coming week, or `from` until `to`."""
        now = clock_now()
        window = window_of(query_of(WindowQuery, request), now=now)
        viewer = asker(request)
        resource = _resource(viewer, public_id)
        found = availability(viewer=viewer, resource=resource, window=window, now=now)
        return Response(AvailabilityShape(found).data)


def _filtered(viewer: User, query: dict[str, Any]) -> QuerySet[Resource]:
    found = _shown(viewer).order_by("name", "pk")
    if "q" in query:
        word = query["q"]
        found = found.filter(Q(name__icontains=word) | Q(location__icontains=word))
    lookups = {
        "code": "code",
        "type": "resource_type__public_id",
        "pool": "pools__public_id",
        "is_active": "is_active",
    }
    return found.filter(**{key: query[name] for name, key in lookups.items() if name in query})


def _shown(viewer: User) -> QuerySet[Resource]:
    shown = Resource.objects.filter(shown_to(viewer, now=clock_now()))
    return shown.select_related("resource_type")


def _resource(viewer: User, public_id: UUID) -> Resource:
    found = _shown(viewer).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
