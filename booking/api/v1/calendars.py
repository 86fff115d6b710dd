"""Calendars of many resources, and free time on them."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, query_of
from booking.api.v1._windows import WindowQuery, window_of
from booking.queries.calendars import CalendarEntry, calendar_entries
from booking.queries.choices import resource_keys
from booking.queries.free_slots import FreeSlot, free_slots
from booking.services.demand import record_fruitless_search
from labitory.lib.api.envelope import EnvelopeRenderer
from labitory.lib.api.fields import LengthField, MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

MOST_RESOURCES = 200
USUAL_SLOTS = 50


class CalendarQuery(WindowQuery):
    """Which resources: some by id, all of a type or pool, or the first 200 by name."""

    resource = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_RESOURCES
    )
    type = serializers.UUIDField(required=False)
    pool = serializers.UUIDField(required=False)


class FreeSlotsQuery(StrictSerializer):
    """What is wanted, how long, and until when."""

    resource = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_RESOURCES
    )
    type = serializers.UUIDField(required=False)
    pool = serializers.UUIDField(required=False)
    minimum = LengthField(required=False, help_text="ISO 8601, PT1H if left out.")
    until = MomentField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language: it cannot stand as an attribute."""
        return {**super().get_fields(), "from": MomentField(required=False)}


class EntryShape(serializers.Serializer[Any]):
    """One thing on a calendar, told as far as you may know."""

    kind = serializers.ChoiceField(choices=["booking", "linked", "hold", "maintenance", "closure"])
    id = serializers.CharField()
    resource = serializers.UUIDField()
    start_time = MomentField()
    end_time = MomentField()
    claim_start = MomentField(help_text="With set-up.")
    claim_end = MomentField(help_text="With clean-up.")
    status = serializers.CharField()
    title = serializers.CharField()
    is_mine = serializers.BooleanField()
    is_visible = serializers.BooleanField(help_text="Whether you may open the booking.")


class FreeSlotShape(serializers.Serializer[Any]):
    """A free stretch, at least as long as asked."""

    resource = serializers.UUIDField(source="resource_id")
    resource_name = serializers.CharField()
    resource_code = serializers.CharField()
    type_name = serializers.CharField()
    start_time = MomentField()
    end_time = MomentField()


class RowsRenderer(EnvelopeRenderer):
    """Writes rows of plain values many times as fast: text, ids, moments of UTC.

    Everything else, such as problems, is written in the usual way.
    """

    def render(
        self,
        data: Any,  # noqa: ANN401 - whatever an endpoint answers
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The same bytes as ever."""
        if not isinstance(data, list):
            return super().render(data, accepted_media_type, renderer_context)
        return (
            b'{"data":' + orjson.dumps(data, option=orjson.OPT_UTC_Z) + b',"meta":{},"errors":[]}'
        )


@method_decorator(
    [
        vary_on_headers("Authorization", "Cookie", "Accept-Language"),
        cache_control(private=True, no_cache=True),
        conditional_page,
    ],
    name="dispatch",
)
class CalendarView(APIView):
    """What happens on many resources."""

    renderer_classes = (RowsRenderer,)

    @extend_schema(
        operation_id="calendar_read",
        tags=["calendar"],
        parameters=[CalendarQuery],
        responses=EntryShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Everything that touches the window, by start. Send If-None-Match to hear 304."""
        now, query = clock_now(), query_of(CalendarQuery, request)
        entries = calendar_entries(
            viewer=asker(request),
            resource_ids=resource_keys(
                public_ids=query.get("resource"),
                type_id=query.get("type"),
                pool_id=query.get("pool"),
                limit=MOST_RESOURCES,
            ),
            window=window_of(query, now=now),
            now=now,
        )
        return Response([_entry_out(entry) for entry in entries])


class FreeSlotsView(APIView):
    """Time-first search."""

    @extend_schema(
        operation_id="free_slots_list",
        tags=["calendar"],
        parameters=[FreeSlotsQuery],
        responses=FreeSlotShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Free stretches that you could book, soonest first."""
        now, query, user = clock_now(), query_of(FreeSlotsQuery, request), asker(request)
        window = window_of(query, now=now, until="until")
        minimum = query.get("minimum", LengthField().to_internal_value("PT1H"))
        wanted: dict[str, Any] = {"type_id": query.get("type"), "pool_id": query.get("pool")}
        resources = query.get("resource")
        found = free_slots(
            user=user,
            now=now,
            window=window,
            minimum=minimum,
            resource_ids=resources,
            limit=query.get("limit", USUAL_SLOTS),
            **wanted,
        )
        if not found:
            record_fruitless_search(
                user=user,
                window=window,
                minutes=int(minimum.total_seconds() // 60),
                resource_ids=resources or (),
                now=now,
                **wanted,
            )
        return Response([_slot_out(slot) for slot in found])


def _entry_out(entry: CalendarEntry) -> dict[str, Any]:
    """By hand: a serializer spends forty times as long on a week of two thousand entries."""
    return {
        "kind": entry.kind,
        "id": entry.id,
        "resource": entry.resource_id,
        "start_time": entry.start_time,
        "end_time": entry.end_time,
        "claim_start": entry.claim_start,
        "claim_end": entry.claim_end,
        "status": entry.status,
        "title": entry.title,
        "is_mine": entry.is_mine,
        "is_visible": entry.is_visible,
    }


def _slot_out(slot: FreeSlot) -> dict[str, Any]:
    return {
        "resource": str(slot.resource_id),
        "resource_name": slot.resource_name,
        "resource_code": slot.resource_code,
        "type_name": slot.type_name,
        "start_time": write_moment(slot.start_time),
        "end_time": write_moment(slot.end_time),
    }
