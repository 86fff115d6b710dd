"""Chat rooms and webhooks, for those who connect them."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.v1.permissions import needs_permission
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._endpoint_shapes import (
    DeliveryShape,
    EndpointBody,
    EndpointPageQuery,
    EndpointShape,
    NewEndpointBody,
    NewEndpointShape,
    ReplayedShape,
    SecretShape,
    SwitchBody,
    delivery_out,
    details_of,
    endpoint_out,
)
from booking.enums import EndpointKind
from booking.models import Endpoint, Message
from booking.queries.endpoints import all_endpoints, deliveries_of, find_delivery, find_endpoint
from booking.services.endpoints import (
    change_endpoint,
    create_endpoint,
    delete_endpoint,
    replay_delivery,
    replay_failed,
    rotate_secret,
    switch_endpoint,
    try_endpoint,
)
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.clock import now as clock_now

TAGS = ["endpoints"]
MANAGERS = (IsAuthenticated, needs_permission("endpoint.manage"))


class EndpointsView(GenericAPIView[Endpoint]):
    """All of them."""

    permission_classes = MANAGERS
    serializer_class = EndpointShape
    queryset = Endpoint.objects.none()

    @extend_schema(operation_id="endpoints_list", tags=TAGS, parameters=[EndpointPageQuery])
    def get(self, request: Request) -> Response:
        """List chat rooms and webhooks by name."""
        query_of(EndpointPageQuery, request)
        page = list(self.paginate_queryset(all_endpoints()) or ())
        return self.get_paginated_response([endpoint_out(each) for each in page])

    @extend_schema(
        operation_id="endpoints_create",
        tags=TAGS,
        request=NewEndpointBody,
        responses={201: NewEndpointShape},
    )
    def post(self, request: Request) -> Response:
        """Connect a chat room or webhook; the secret of a webhook is told this once."""
        body = _read(NewEndpointBody, request)
        kind = EndpointKind(body.pop("kind"))
        with told_as_problems():
            made = create_endpoint(
                actor=asker(request), kind=kind, details=details_of(body), now=clock_now()
            )
        answer = {**endpoint_out(made), "secret": made.secret}
        return Response(answer, status=status.HTTP_201_CREATED)


class EndpointView(APIView):
    """One of them."""

    permission_classes = MANAGERS

    @extend_schema(operation_id="endpoints_read", tags=TAGS, responses=EndpointShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a chat room or webhook."""
        return Response(endpoint_out(_found(public_id)))

    @extend_schema(
        operation_id="endpoints_change", tags=TAGS, request=EndpointBody, responses=EndpointShape
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change what it hears, its name or its address; what is left out stays."""
        endpoint = _found(public_id)
        body = _read(EndpointBody, request, partial=True)
        with told_as_problems():
            change_endpoint(
                actor=asker(request),
                endpoint_id=public_id,
                details=details_of(body, endpoint),
                now=clock_now(),
            )
        return Response(endpoint_out(_found(public_id)))

    @extend_schema(operation_id="endpoints_delete", tags=TAGS, responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Disconnect it; its log goes with it."""
        _found(public_id)
        with told_as_problems():
            delete_endpoint(actor=asker(request), endpoint_id=public_id, now=clock_now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class EndpointRotateView(APIView):
    """A new secret."""

    permission_classes = MANAGERS

    @extend_schema(operation_id="endpoints_rotate", tags=TAGS, request=None, responses=SecretShape)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Give a webhook a new secret, told this once; the old one signs too for 24 hours."""
        _found(public_id)
        with told_as_problems():
            secret = rotate_secret(actor=asker(request), endpoint_id=public_id, now=clock_now())
        return Response({"secret": secret})


class EndpointSwitchView(APIView):
    """On and off."""

    permission_classes = MANAGERS

    @extend_schema(
        operation_id="endpoints_switch", tags=TAGS, request=SwitchBody, responses=EndpointShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Switch it on, which forgets its failures, or off."""
        _found(public_id)
        body = _read(SwitchBody, request)
        with told_as_problems():
            switch_endpoint(
                actor=asker(request), endpoint_id=public_id, is_on=body["on"], now=clock_now()
            )
        return Response(endpoint_out(_found(public_id)))


class EndpointTestView(APIView):
    """A test event."""

    permission_classes = MANAGERS

    @extend_schema(operation_id="endpoints_test", tags=TAGS, request=None, responses={202: None})
    def post(self, request: Request, public_id: UUID) -> Response:
        """Send a test event, also while it is switched off; look into its deliveries after."""
        _found(public_id)
        with told_as_problems():
            try_endpoint(actor=asker(request), endpoint_id=public_id, now=clock_now())
        return Response(status=status.HTTP_202_ACCEPTED)


class EndpointReplayView(APIView):
    """What failed."""

    permission_classes = MANAGERS

    @extend_schema(
        operation_id="endpoints_replay", tags=TAGS, request=None, responses=ReplayedShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Send again what failed or was kept while it was off: at most 500, oldest first."""
        _found(public_id)
        with told_as_problems():
            n = replay_failed(actor=asker(request), endpoint_id=public_id, now=clock_now())
        return Response({"sent_again": n})


class DeliveriesView(GenericAPIView[Message]):
    """The log of one endpoint."""

    permission_classes = MANAGERS
    serializer_class = DeliveryShape
    queryset = Message.objects.none()

    @extend_schema(operation_id="endpoints_deliveries", tags=TAGS, parameters=[EndpointPageQuery])
    def get(self, request: Request, public_id: UUID) -> Response:
        """List what an endpoint was told, the latest first."""
        endpoint = _found(public_id)
        query_of(EndpointPageQuery, request)
        page = list(self.paginate_queryset(deliveries_of(endpoint)) or ())
        return self.get_paginated_response([delivery_out(each) for each in page])


class DeliveryReplayView(APIView):
    """One message again."""

    permission_classes = MANAGERS

    @extend_schema(
        operation_id="endpoints_delivery_replay", tags=TAGS, request=None, responses=DeliveryShape
    )
    def post(self, request: Request, public_id: UUID, event_id: UUID) -> Response:
        """Send one message again, under the id it had, whether it arrived or not."""
        endpoint = _found(public_id)
        if find_delivery(endpoint, event_id) is None:
            raise Http404
        with told_as_problems():
            replay_delivery(
                actor=asker(request), endpoint_id=public_id, event_id=event_id, now=clock_now()
            )
        again = find_delivery(endpoint, event_id)
        if again is None:
            raise Http404
        return Response(delivery_out(again))


def _found(public_id: UUID) -> Endpoint:
    endpoint = find_endpoint(public_id)
    if endpoint is None:
        raise Http404
    return endpoint


def _read(
    shape: type[StrictSerializer], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    body = shape(data=request.data, partial=partial)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
