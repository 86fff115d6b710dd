"""What use costs: for those who set prices."""

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
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.models import Price
from booking.queries.prices import CODE, find_price, managed_prices
from booking.services.prices import LARGEST, PriceDetails, remove_price, save_price
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

_MONEY: dict[str, Any] = {"max_digits": 8, "decimal_places": 2}
_AMOUNT: dict[str, Any] = {**_MONEY, "min_value": Decimal(0), "max_value": LARGEST}


class PriceQuery(StrictSerializer):
    """Which page of prices, narrowed by a word."""

    q = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Part of the name of a resource, a type or a price class.",
    )
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class PriceShape(serializers.Serializer[Any]):
    """A price: of one resource or one type, for a price class or everybody else."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id", allow_null=True, default=None)
    resource_type = serializers.UUIDField(
        source="resource_type.public_id", allow_null=True, default=None
    )
    price_class = serializers.CharField(source="price_class.code", allow_null=True, default=None)
    per_hour = serializers.DecimalField(**_MONEY)
    per_booking = serializers.DecimalField(**_MONEY)
    currency = serializers.CharField()
    valid_from = serializers.DateField(help_text="The first day, by the lab's clock.")


class PriceBody(StrictSerializer):
    """What a price says; what is left out of a change stays as it is."""

    resource = serializers.UUIDField(required=False, allow_null=True)
    resource_type = serializers.UUIDField(required=False, allow_null=True)
    price_class = serializers.SlugField(
        required=False, allow_null=True, max_length=40, help_text="Its code; null: everybody else."
    )
    per_hour = serializers.DecimalField(**_AMOUNT)
    per_booking = serializers.DecimalField(required=False, **_AMOUNT)
    valid_from = serializers.DateField()


class PricesView(GenericAPIView[Price]):
    """All prices that the asker sets."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))
    serializer_class = PriceShape
    queryset = Price.objects.none()

    @extend_schema(operation_id="prices_list", tags=["prices"], parameters=[PriceQuery])
    def get(self, request: Request) -> Response:
        """List the prices that you set, by place and class, the newest first."""
        query = query_of(PriceQuery, request)
        page = self.paginate_queryset(managed_prices(asker(request), word=query.get("q", "")))
        return self.get_paginated_response(PriceShape(page, many=True).data)

    @extend_schema(
        operation_id="prices_create",
        tags=["prices"],
        request=PriceBody,
        responses={201: PriceShape},
    )
    def post(self, request: Request) -> Response:
        """Set a price; what is booked already keeps the cost that it was told."""
        body = PriceBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            price = save_price(
                actor=asker(request),
                price_id=None,
                details=_details(body.validated_data),
                now=clock_now(),
            )
        return Response(PriceShape(price).data, status=201)


class PriceView(APIView):
    """One price."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))

    @extend_schema(operation_id="prices_read", tags=["prices"], responses=PriceShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a price."""
        return Response(PriceShape(_managed(request, public_id)).data)

    @extend_schema(
        operation_id="prices_change", tags=["prices"], request=PriceBody, responses=PriceShape
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change a price that has not begun; what is left out stays. One that has is kept (409)."""
        price = _managed(request, public_id)
        body = PriceBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            changed = save_price(
                actor=asker(request),
                price_id=public_id,
                details=_details({**_as_it_stands(price), **body.validated_data}),
                now=clock_now(),
            )
        return Response(PriceShape(changed).data)


class PriceRemoveView(APIView):
    """Removing a price."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))

    @extend_schema(
        operation_id="prices_remove", tags=["prices"], request=None, responses={204: None}
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Remove a price that has not begun. One that has is kept (409)."""
        _managed(request, public_id)
        with told_as_problems():
            remove_price(actor=asker(request), price_id=public_id, now=clock_now())
        return Response(status=204)


def _managed(request: Request, public_id: UUID) -> Price:
    price = find_price(asker(request), public_id)
    if price is None:
        raise Http404
    return price


def _as_it_stands(price: Price) -> dict[str, Any]:
    """A price in the words of a body."""
    return {
        "resource": price.resource.public_id if price.resource else None,
        "resource_type": price.resource_type.public_id if price.resource_type else None,
        "price_class": price.price_class.code if price.price_class else None,
        "per_hour": price.per_hour,
        "per_booking": price.per_booking,
        "valid_from": price.valid_from,
    }


def _details(body: dict[str, Any]) -> PriceDetails:
    """A body as the service takes it."""
    return PriceDetails(
        resource_id=body.get("resource"),
        type_id=body.get("resource_type"),
        price_class=body.get("price_class") or "",
        per_hour=body["per_hour"],
        per_booking=body.get("per_booking", Decimal(0)),
        valid_from=body["valid_from"],
    )
