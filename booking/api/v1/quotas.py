"""Quotas: what is left of one's own; those who set policies write them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.v1.permissions import needs_permission
from accounts.enums import Role
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.models import Quota, QuotaAccount
from booking.queries.quotas import (
    HeldQuota,
    accounts_of_quota,
    find_quota,
    holder_names,
    managed_quotas,
    my_quotas,
)
from booking.queries.resources import find_resource
from booking.services.quotas import LARGEST, QuotaDetails, save_quota, set_quota_active
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

_LARGEST = int(LARGEST)


def _units(measure: str, amount: Decimal) -> int:
    """Minutes and bookings as they are, money in cents."""
    return int(amount * 100 if measure == Measure.COST else amount)


def _amount(measure: Measure, units: int) -> Decimal:
    """The same the other way."""
    return Decimal(units) / 100 if measure == Measure.COST else Decimal(units)


class HeldQuery(StrictSerializer):
    """Whether only those that count one resource."""

    resource = serializers.UUIDField(required=False)


class _Units(serializers.IntegerField):
    """An amount of a quota in whole units: money in cents."""

    def get_attribute(self, instance: Any) -> int:  # noqa: ANN401 - a quota, or its facts
        """The amount of the quota that is written out."""
        return _units(instance.measure, Decimal(super().get_attribute(instance) or 0))


class QuotaName(serializers.Serializer[Any]):
    """A quota, by id and name."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    measure = serializers.ChoiceField(choices=Measure.choices)
    amount = _Units(help_text="Minutes, bookings or cents, in each period.")
    period = serializers.ChoiceField(choices=QuotaPeriod.choices)
    rolling_days = serializers.IntegerField(allow_null=True)
    holder = serializers.ChoiceField(choices=QuotaHolder.choices)
    overdraft = _Units(help_text="What can be had beyond it, with approval.")
    grab_hours = serializers.IntegerField(allow_null=True)


class HeldQuotaShape(serializers.Serializer[Any]):
    """A quota that counts your bookings, with what is left of it today."""

    quota = QuotaName()
    scope = serializers.CharField(help_text="What it counts: resource, type, pool, or nothing.")
    scope_name = serializers.CharField()
    shared_by = serializers.CharField(help_text="The group or project that shares it.")
    starts_on = serializers.DateField()
    renews_on = serializers.DateField()
    allowed = serializers.IntegerField(help_text="The amount with what was carried over or added.")
    taken = serializers.IntegerField(help_text="Reserved and used.")
    left = serializers.IntegerField(help_text="Less than nothing when it is overdrawn.")


class QuotaShape(QuotaName):
    """A quota as those who set it see it."""

    resource = serializers.UUIDField(source="resource.public_id", allow_null=True, default=None)
    resource_type = serializers.UUIDField(
        source="resource_type.public_id", allow_null=True, default=None
    )
    pool = serializers.UUIDField(source="pool.public_id", allow_null=True, default=None)
    role = serializers.CharField(allow_blank=True)
    user = serializers.UUIDField(source="user.public_id", allow_null=True, default=None)
    group = serializers.UUIDField(source="group.public_id", allow_null=True, default=None)
    project = serializers.UUIDField(source="project.public_id", allow_null=True, default=None)
    carry_percent = serializers.IntegerField()
    counts_no_shows = serializers.BooleanField()
    is_active = serializers.BooleanField()


class QuotaBody(StrictSerializer):
    """What a quota says; what is left out of a change stays as it is."""

    name = serializers.CharField(max_length=100)
    measure = serializers.ChoiceField(choices=Measure.choices, required=False)
    amount = serializers.IntegerField(
        min_value=0, max_value=100 * _LARGEST, help_text="Minutes, bookings or cents."
    )
    period = serializers.ChoiceField(choices=QuotaPeriod.choices, required=False)
    rolling_days = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True
    )
    resource = serializers.UUIDField(required=False, allow_null=True)
    resource_type = serializers.UUIDField(required=False, allow_null=True)
    pool = serializers.UUIDField(required=False, allow_null=True)
    holder = serializers.ChoiceField(choices=QuotaHolder.choices, required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    user = serializers.UUIDField(required=False, allow_null=True)
    group = serializers.UUIDField(required=False, allow_null=True)
    project = serializers.UUIDField(required=False, allow_null=True)
    carry_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    overdraft = serializers.IntegerField(min_value=0, max_value=100 * _LARGEST, required=False)
    grab_hours = serializers.IntegerField(
        min_value=0, max_value=8784, required=False, allow_null=True
    )
    counts_no_shows = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class PageQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class AccountShape(serializers.Serializer[Any]):
    """What one holder has of a quota in one period."""

    holder = serializers.CharField(help_text="The person, group or project.")
    starts_on = serializers.DateField()
    carried = serializers.IntegerField()
    reserved = serializers.IntegerField()
    used = serializers.IntegerField()


class MyQuotasView(APIView):
    """What the asker may still take."""

    @extend_schema(
        operation_id="quotas_mine",
        tags=["quotas"],
        parameters=[HeldQuery],
        responses=HeldQuotaShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the quotas that count your bookings, with what is left of each today."""
        viewer, query = asker(request), query_of(HeldQuery, request)
        resource = None
        if "resource" in query:
            resource = find_resource(query["resource"])
            if resource is None:
                raise Http404
        held = my_quotas(viewer=viewer, now=clock_now(), resource=resource)
        return Response([_held_out(each) for each in held])


class QuotasView(GenericAPIView[Quota]):
    """All quotas that the asker sets."""

    permission_classes = (IsAuthenticated, needs_permission("policy.manage"))
    serializer_class = QuotaShape
    queryset = Quota.objects.none()

    @extend_schema(operation_id="quotas_list", tags=["quotas"], parameters=[PageQuery])
    def get(self, request: Request) -> Response:
        """List the quotas that you set, by name."""
        query_of(PageQuery, request)
        page = self.paginate_queryset(managed_quotas(asker(request)))
        return self.get_paginated_response(QuotaShape(page, many=True).data)

    @extend_schema(
        operation_id="quotas_create",
        tags=["quotas"],
        request=QuotaBody,
        responses={201: QuotaShape},
    )
    def post(self, request: Request) -> Response:
        """Set a quota; it counts what is booked from now on."""
        body = QuotaBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            saved = save_quota(
                actor=asker(request),
                quota_id=None,
                details=_details(body.validated_data),
                now=clock_now(),
            )
        return Response(QuotaShape(saved.quota).data, status=201)


class QuotaView(APIView):
    """One quota."""

    permission_classes = (IsAuthenticated, needs_permission("policy.manage"))

    @extend_schema(operation_id="quotas_read", tags=["quotas"], responses=QuotaShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a quota."""
        return Response(QuotaShape(_managed(request, public_id)).data)

    @extend_schema(
        operation_id="quotas_change", tags=["quotas"], request=QuotaBody, responses=QuotaShape
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change a quota; what is left out stays. `is_active` ends it or puts it in force."""
        quota, actor, now = _managed(request, public_id), asker(request), clock_now()
        body = QuotaBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        is_active = given.pop("is_active", None)
        with told_as_problems():
            if given:
                save_quota(
                    actor=actor,
                    quota_id=public_id,
                    details=_details({**_as_it_stands(quota), **given}),
                    now=now,
                )
            if is_active is not None:
                set_quota_active(actor=actor, quota_id=public_id, is_active=is_active, now=now)
        return Response(QuotaShape(_managed(request, public_id)).data)


class QuotaAccountsView(GenericAPIView[QuotaAccount]):
    """Who took how much of a quota."""

    permission_classes = (IsAuthenticated, needs_permission("policy.manage"))
    serializer_class = AccountShape
    queryset = QuotaAccount.objects.none()

    @extend_schema(operation_id="quotas_accounts", tags=["quotas"], parameters=[PageQuery])
    def get(self, request: Request, public_id: UUID) -> Response:
        """List the accounts of a quota, the latest period first."""
        quota = _managed(request, public_id)
        query_of(PageQuery, request)
        page = list(self.paginate_queryset(accounts_of_quota(quota)) or ())
        names = holder_names(quota, [each.holder_id for each in page])
        rows = [
            {
                "holder": names.get(each.holder_id, ""),
                "starts_on": each.starts_on.isoformat(),
                "carried": _units(quota.measure, each.carried),
                "reserved": _units(quota.measure, each.reserved),
                "used": _units(quota.measure, each.used),
            }
            for each in page
        ]
        return self.get_paginated_response(rows)


def _managed(request: Request, public_id: UUID) -> Quota:
    quota = find_quota(asker(request), public_id)
    if quota is None:
        raise Http404
    return quota


def _held_out(held: HeldQuota) -> dict[str, Any]:
    balance = held.balance
    return {
        "quota": QuotaName(held.quota).data,
        "scope": held.scope,
        "scope_name": held.scope_name,
        "shared_by": held.shared_by,
        "starts_on": balance.starts_on.isoformat(),
        "renews_on": balance.renews_on.isoformat(),
        "allowed": _units(held.quota.measure, balance.allowed),
        "taken": _units(held.quota.measure, balance.taken),
        "left": _units(held.quota.measure, balance.left),
    }


def _as_it_stands(quota: Quota) -> dict[str, Any]:
    """A quota in the words of a body."""
    found: dict[str, Any] = {
        name: getattr(quota, name)
        for name in (
            "name",
            "measure",
            "period",
            "rolling_days",
            "holder",
            "role",
            "carry_percent",
            "grab_hours",
            "counts_no_shows",
        )
    }
    for name in ("amount", "overdraft"):
        found[name] = _units(quota.measure, getattr(quota, name))
    for name in ("resource", "resource_type", "pool", "user", "group", "project"):
        other = getattr(quota, name)
        found[name] = other.public_id if other else None
    return found


def _details(body: dict[str, Any]) -> QuotaDetails:
    """A body as the service takes it."""
    measure = Measure(body.get("measure", Measure.MINUTES))
    return QuotaDetails(
        name=body["name"],
        amount=_amount(measure, body["amount"]),
        measure=measure,
        period=QuotaPeriod(body.get("period", QuotaPeriod.MONTH)),
        rolling_days=body.get("rolling_days"),
        resource_id=body.get("resource"),
        type_id=body.get("resource_type"),
        pool_id=body.get("pool"),
        holder=QuotaHolder(body.get("holder", QuotaHolder.USER)),
        role=body.get("role", ""),
        user_id=body.get("user"),
        group_id=body.get("group"),
        project_id=body.get("project"),
        carry_percent=body.get("carry_percent", 0),
        overdraft=_amount(measure, body.get("overdraft", 0)),
        grab_hours=body.get("grab_hours"),
        counts_no_shows=body.get("counts_no_shows", True),
    )
