"""Planned work, once or again and again."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._maintenance_shapes import (
    MaintenanceQuery,
    PlanChange,
    PlanShape,
    PlanWish,
    WorkChange,
    WorkPageShape,
    WorkShape,
    WorkWish,
    details_in,
    rhythm_in,
)
from booking.enums import InTheWay
from booking.models import Fault, MaintenancePlan, MaintenanceRecord, Resource
from booking.queries.maintenance import (
    displaced_by,
    find_plan,
    find_work,
    maintenance_ahead,
    maintenance_past,
    plans_of,
)
from booking.services.maintenance import (
    cancel_maintenance,
    change_maintenance,
    schedule_maintenance,
)
from booking.services.maintenance_plans import change_plan, end_plan, make_plan
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period


class MaintenanceView(GenericAPIView[MaintenanceRecord]):
    """Planned work."""

    serializer_class = WorkShape
    queryset = MaintenanceRecord.objects.none()

    @extend_schema(
        operation_id="maintenance_list", tags=["maintenance"], parameters=[MaintenanceQuery]
    )
    def get(self, request: Request) -> Response:
        """List the work where you plan it: what goes on and is to come, or what is past."""
        past = query_of(MaintenanceQuery, request).get("past", False)
        found = maintenance_past if past else maintenance_ahead
        page = self.paginate_queryset(found(viewer=asker(request), now=clock_now()))
        return self.get_paginated_response(WorkShape(page or [], many=True).data)

    @extend_schema(
        operation_id="maintenance_create",
        tags=["maintenance"],
        request=WorkWish,
        responses={201: WorkPageShape},
    )
    def post(self, request: Request) -> Response:
        """Take a resource out of use; bookings in the way refuse it, are cancelled or displaced."""
        wish = WorkWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        try:
            with told_as_problems():
                made = schedule_maintenance(
                    actor=asker(request),
                    resource_id=said["resource"],
                    period=Period(said["start_time"], said["end_time"]),
                    details=details_in(said),
                    way=InTheWay(said["way"]),
                    fault_id=said.get("fault"),
                    now=clock_now(),
                )
        except (Resource.DoesNotExist, Fault.DoesNotExist) as error:
            raise Http404 from error
        return Response(_work_out(request, made.public_id), status=status.HTTP_201_CREATED)


class WorkView(APIView):
    """One piece of work."""

    @extend_schema(operation_id="maintenance_read", tags=["maintenance"], responses=WorkPageShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read planned work, with the bookings that it displaced."""
        return Response(_work_out(request, public_id))

    @extend_schema(
        operation_id="maintenance_change",
        tags=["maintenance"],
        request=WorkChange,
        responses=WorkPageShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Say something else about the work, or move it; what is left out stays."""
        wish = WorkChange(data=request.data)
        wish.is_valid(raise_exception=True)
        said, work = wish.validated_data, _work(request, public_id)
        period = Period(
            said.get("start_time", work.start_time), said.get("end_time", work.end_time)
        )
        try:
            with told_as_problems():
                change_maintenance(
                    actor=asker(request),
                    maintenance_id=public_id,
                    period=period,
                    details=details_in(said, work),
                    way=InTheWay(said["way"]),
                    now=clock_now(),
                )
        except MaintenanceRecord.DoesNotExist as error:
            raise Http404 from error
        return Response(_work_out(request, public_id))


class WorkCancelView(APIView):
    """Calling work off."""

    @extend_schema(
        operation_id="maintenance_cancel",
        tags=["maintenance"],
        request=None,
        responses=WorkPageShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Call planned work off; what it displaced gets its time back where that is free."""
        _work(request, public_id)
        try:
            with told_as_problems():
                cancel_maintenance(actor=asker(request), maintenance_id=public_id, now=clock_now())
        except MaintenanceRecord.DoesNotExist as error:
            raise Http404 from error
        return Response(_work_out(request, public_id))


class PlansView(GenericAPIView[MaintenancePlan]):
    """Work that comes back."""

    serializer_class = PlanShape
    queryset = MaintenancePlan.objects.none()

    @extend_schema(operation_id="maintenance_plans_list", tags=["maintenance"])
    def get(self, request: Request) -> Response:
        """List the plans where you look after maintenance."""
        page = self.paginate_queryset(plans_of(asker(request)))
        return self.get_paginated_response(PlanShape(page or [], many=True).data)

    @extend_schema(
        operation_id="maintenance_plans_create",
        tags=["maintenance"],
        request=PlanWish,
        responses={201: PlanShape},
    )
    def post(self, request: Request) -> Response:
        """Plan work that comes back; the windows of the next half year are made at once."""
        wish = PlanWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        try:
            with told_as_problems():
                made = make_plan(
                    actor=asker(request),
                    resource_id=said["resource"],
                    rhythm=rhythm_in(said),
                    details=details_in(said),
                    now=clock_now(),
                )
        except Resource.DoesNotExist as error:
            raise Http404 from error
        return Response(PlanShape(made).data, status=status.HTTP_201_CREATED)


class PlanView(APIView):
    """One plan."""

    @extend_schema(operation_id="maintenance_plans_read", tags=["maintenance"], responses=PlanShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a plan."""
        return Response(PlanShape(_plan(request, public_id)).data)

    @extend_schema(
        operation_id="maintenance_plans_change",
        tags=["maintenance"],
        request=PlanChange,
        responses=PlanShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change a plan; its windows to come follow, what is left out stays."""
        wish = PlanChange(data=request.data)
        wish.is_valid(raise_exception=True)
        said, plan = wish.validated_data, _plan(request, public_id)
        with told_as_problems():
            changed = change_plan(
                actor=asker(request),
                plan_id=public_id,
                rhythm=rhythm_in(said, plan),
                details=details_in(said, plan),
                now=clock_now(),
            )
        return Response(PlanShape(changed).data)


class PlanEndView(APIView):
    """Ending a plan."""

    @extend_schema(
        operation_id="maintenance_plans_end",
        tags=["maintenance"],
        request=None,
        responses=PlanShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """End a plan; its windows to come are free."""
        _plan(request, public_id)
        with told_as_problems():
            ended = end_plan(actor=asker(request), plan_id=public_id, now=clock_now())
        return Response(PlanShape(ended).data)


def _work(request: Request, public_id: UUID) -> MaintenanceRecord:
    work = find_work(viewer=asker(request), public_id=public_id)
    if work is None:
        raise Http404
    return work


def _plan(request: Request, public_id: UUID) -> MaintenancePlan:
    plan = find_plan(viewer=asker(request), public_id=public_id)
    if plan is None:
        raise Http404
    return plan


def _work_out(request: Request, public_id: UUID) -> dict[str, Any]:
    work = _work(request, public_id)
    return WorkPageShape({"work": work, "displaced": displaced_by(work)}).data
