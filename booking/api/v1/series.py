"""Series: try out, make, read, change and cancel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._series_shapes import (
    SeriesCancelShape,
    SeriesChangeShape,
    SeriesMadeShape,
    SeriesNameShape,
    SeriesPreviewShape,
    SeriesQuery,
    SeriesShape,
    SeriesWishShape,
    occurrence_out,
    preview_out,
    series_out,
    whole_out,
)
from booking.models import BookingSeries
from booking.queries.bookings import find_person
from booking.queries.series import SeriesWish, preview_series
from booking.queries.series_changes import SeriesChange
from booking.queries.series_pages import bookings_of_series, find_series, visible_series
from booking.services.bookings import BookingDetails
from booking.services.series import cancel_series, create_series
from booking.services.series_changes import change_series
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period


class SeriesListView(GenericAPIView[BookingSeries]):
    """All series that you may see, and making one."""

    serializer_class = SeriesNameShape
    queryset = BookingSeries.objects.none()

    @extend_schema(operation_id="series_list", tags=["series"], parameters=[SeriesQuery])
    def get(self, request: Request) -> Response:
        """List series, the newest first, without their bookings."""
        query_of(SeriesQuery, request)
        page = self.paginate_queryset(visible_series(asker(request)).order_by("-created_at", "-pk"))
        return self.get_paginated_response([series_out(each) for each in page or ()])

    @extend_schema(
        operation_id="series_create",
        tags=["series"],
        request=SeriesWishShape,
        responses={201: SeriesMadeShape},
    )
    def post(self, request: Request) -> Response:
        """Book every time of a rule: all or nothing, or with `skip_refused` all that can be."""
        given = _given(SeriesWishShape, request)
        with _told():
            made = create_series(
                wish=_wish(asker(request), given),
                details=BookingDetails(
                    purpose=given.get("purpose", ""),
                    notes=given.get("notes", ""),
                    seats=given.get("seats", 1),
                    attendee_ids=tuple(given.get("attendees", ())),
                    project_id=given.get("project"),
                ),
                override=given.get("override", ""),
                skip_refused=given.get("skip_refused", False),
            )
        body = {
            **_whole(request, made.series.public_id),
            "left_out": [occurrence_out(each) for each in made.left_out],
        }
        address = f"/api/v1/series/{made.series.public_id}"
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": address})


class SeriesPreviewView(APIView):
    """Trying out."""

    @extend_schema(
        operation_id="series_preview",
        tags=["series"],
        request=SeriesWishShape,
        responses=SeriesPreviewShape,
    )
    def post(self, request: Request) -> Response:
        """Ask the rules about every time, without booking; each refused one gets a repair."""
        given = _given(SeriesWishShape, request)
        with _told():
            preview = preview_series(_wish(asker(request), given))
        return Response(preview_out(preview))


class SeriesView(APIView):
    """One series."""

    @extend_schema(operation_id="series_read", tags=["series"], responses=SeriesShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read a series with its bookings."""
        return Response(_whole(request, public_id))

    @extend_schema(
        operation_id="series_change",
        tags=["series"],
        request=SeriesChangeShape,
        responses=SeriesMadeShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change what remains, or one booking and all that follow; rules are asked again.

        The answer is the series that the changed bookings belong to now.
        """
        given = _given(SeriesChangeShape, request)
        _seen(request, public_id)
        with _told():
            changed = change_series(
                actor=asker(request),
                series_id=public_id,
                change=_change(given),
                now=clock_now(),
                from_booking=given.get("booking"),
                override=given.get("override", ""),
                skip_refused=given.get("skip_refused", False),
            )
        body = {
            **_whole(request, changed.series.public_id),
            "left_out": [occurrence_out(each) for each in changed.kept],
        }
        return Response(body)


class SeriesCancelView(APIView):
    """Ending a series."""

    @extend_schema(
        operation_id="series_cancel",
        tags=["series"],
        request=SeriesCancelShape,
        responses=SeriesShape,
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Cancel what remains, or one booking and all that follow."""
        given = _given(SeriesCancelShape, request)
        _seen(request, public_id)
        with _told():
            cancel_series(
                actor=asker(request),
                series_id=public_id,
                now=clock_now(),
                from_booking=given.get("booking"),
                reason=given.get("reason", ""),
            )
        return Response(_whole(request, public_id))


@contextmanager
def _told() -> Iterator[None]:
    """A service's no as problems; what does not exist for the asker is 404."""
    try:
        with told_as_problems():
            yield
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _given(shape: Any, request: Request) -> dict[str, Any]:  # noqa: ANN401 - a serializer class
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found


def _seen(request: Request, public_id: UUID) -> BookingSeries:
    found = find_series(asker(request), public_id)
    if found is None:
        raise Http404
    return found


def _whole(request: Request, public_id: UUID) -> dict[str, Any]:
    series = _seen(request, public_id)
    return whole_out(series, bookings_of_series(series))


def _wish(actor: User, given: dict[str, Any]) -> SeriesWish:
    user = find_person(actor, given["user"]) if "user" in given else actor
    if user is None:
        text = "There is no such person, or you may not book for them."
        raise serializers.ValidationError({"user": text}, code="unknown")
    return SeriesWish(
        actor=actor,
        user=user,
        resource_id=given["resource"],
        rule=given["rule"],
        first=given["start_time"],
        length=given["end_time"] - given["start_time"],
        now=clock_now(),
        seats=given.get("seats", 1),
        project_id=given.get("project"),
        choices={
            each["occurs_at"]: None
            if each.get("leave_out")
            else Period(each["start_time"], each["end_time"])
            for each in given.get("choices", ())
        },
    )


def _change(given: dict[str, Any]) -> SeriesChange:
    return SeriesChange(
        starts=given.get("starts"),
        minutes=given.get("minutes"),
        resource_id=given.get("resource"),
        purpose=given.get("purpose"),
        project=(given["project"] or "") if "project" in given else None,
    )
