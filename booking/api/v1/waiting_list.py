"""Your places on the waiting list, and what is offered to you."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, told_as_problems
from booking.api.v1._waiting_shapes import (
    OfferShape,
    WaitingEntryShape,
    WaitingWishShape,
    entry_out,
    offer_out,
)
from booking.enums import WaitingKind
from booking.models import Offer
from booking.queries.waiting_list import (
    OwnEntry,
    find_entry,
    find_offer,
    own_entries,
    own_offers,
)
from booking.services.offers import accept_offer, decline_offer
from booking.services.waiting_list import (
    WaitingWish,
    change_waiting,
    join_waiting_list,
    leave_waiting_list,
)
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period


class EntriesView(APIView):
    """What you wait for."""

    @extend_schema(
        operation_id="waiting_list", tags=["waiting"], responses=WaitingEntryShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """List what you wait for, with your place and what is held for you."""
        found = own_entries(viewer=asker(request), now=clock_now())
        return Response([entry_out(each) for each in found])

    @extend_schema(
        operation_id="waiting_join",
        tags=["waiting"],
        request=WaitingWishShape,
        responses={201: WaitingEntryShape},
    )
    def post(self, request: Request) -> Response:
        """Wait for time, at the end of the order."""
        wish, now = _wish(request), clock_now()
        with _told():
            entry = join_waiting_list(actor=asker(request), wish=wish, now=now)
        own = _own(request, entry.public_id)
        return Response(entry_out(own), status=status.HTTP_201_CREATED)


class EntryView(APIView):
    """One of your places."""

    @extend_schema(operation_id="waiting_read", tags=["waiting"], responses=WaitingEntryShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a place of yours, open or not."""
        return Response(entry_out(_own(request, public_id)))

    @extend_schema(
        operation_id="waiting_change",
        tags=["waiting"],
        request=WaitingWishShape,
        responses=WaitingEntryShape,
    )
    def put(self, request: Request, public_id: UUID) -> Response:
        """Write anew what you wait for. Another time or place goes to the end of the order."""
        wish = _wish(request)
        with _told():
            change_waiting(actor=asker(request), entry_id=public_id, wish=wish, now=clock_now())
        return Response(entry_out(_own(request, public_id)))


class LeaveView(APIView):
    """Giving up a place."""

    @extend_schema(
        operation_id="waiting_leave", tags=["waiting"], request=None, responses=WaitingEntryShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Wait no longer; what is held for it goes to the next person."""
        with _told():
            leave_waiting_list(actor=asker(request), entry_id=public_id, now=clock_now())
        return Response(entry_out(_own(request, public_id)))


class OffersView(APIView):
    """What is held for you."""

    @extend_schema(operation_id="offers_list", tags=["waiting"], responses=OfferShape(many=True))
    def get(self, request: Request) -> Response:
        """List the offers that you can still accept, the most urgent first."""
        found = own_offers(viewer=asker(request), now=clock_now())
        return Response([offer_out(each) for each in found])


class OfferView(APIView):
    """One offer to you."""

    @extend_schema(operation_id="offer_read", tags=["waiting"], responses=OfferShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read an offer to you, whatever came of it."""
        return Response(offer_out(_offer(request, public_id)))


class AcceptView(APIView):
    """Taking an offer."""

    @extend_schema(
        operation_id="offer_accept", tags=["waiting"], request=None, responses=OfferShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it: a new booking, or your displaced booking moves there."""
        with _told():
            accept_offer(actor=asker(request), offer_id=public_id, now=clock_now())
        return Response(offer_out(_offer(request, public_id)))


class DeclineView(APIView):
    """Turning an offer down."""

    @extend_schema(
        operation_id="offer_decline", tags=["waiting"], request=None, responses=OfferShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Turn it down: the next person gets it."""
        with _told():
            decline_offer(actor=asker(request), offer_id=public_id, now=clock_now())
        return Response(offer_out(_offer(request, public_id)))


@contextmanager
def _told() -> Iterator[None]:
    """A service's no as problems; what does not exist for the asker is 404."""
    try:
        with told_as_problems():
            yield
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _wish(request: Request) -> WaitingWish:
    body = WaitingWishShape(data=request.data)
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = body.validated_data
    return WaitingWish(
        window=Period(given["earliest"], given["latest"]),
        minutes=given["minutes"],
        kind=WaitingKind(given.get("kind", WaitingKind.HOLD)),
        resource_id=given.get("resource"),
        type_id=given.get("type"),
        pool_id=given.get("pool"),
        weekdays=frozenset(given.get("weekdays", ())),
        day_from=given.get("day_from"),
        day_until=given.get("day_until"),
        project_id=given.get("project"),
        purpose=given.get("purpose", ""),
    )


def _own(request: Request, public_id: UUID) -> OwnEntry:
    found = find_entry(viewer=asker(request), public_id=public_id, now=clock_now())
    if found is None:
        raise Http404
    return found


def _offer(request: Request, public_id: UUID) -> Offer:
    found = find_offer(viewer=asker(request), public_id=public_id)
    if found is None:
        raise Http404
    return found
