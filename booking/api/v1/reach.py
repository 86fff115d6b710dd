"""What one hears of, by which channel and when; quiet hours; what one follows or muted."""

from collections.abc import Mapping
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
from booking.api.v1.policy_sets import PageQuery
from booking.enums import RemindLead, Timing, WatchMode
from booking.models import Resource, ResourceWatch
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.notifications.topics import TOPICS, say_kind, topic_of
from booking.queries.reach import Choice, Chosen, chosen_by, schedule_of, watched_by
from booking.services.reach import Schedule, choose_schedule, choose_timings, watch_resource
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.clock import now as clock_now

MOST_CHOICES = 500
_ORIGINS = ["own", "lab", "product"]
_LEAD = "How many minutes before your bookings you are reminded; null is as the lab does."
_UNTIL = "Both of the quiet hours or neither; from 22:00 until 07:00 is over midnight."


class ChoiceShape(serializers.Serializer[Any]):
    """When one hears of a kind by one channel, and who said so."""

    channel = serializers.CharField()
    timing = serializers.ChoiceField(choices=Timing.choices)
    timings = serializers.ListField(child=serializers.CharField(), help_text="What can be chosen.")
    origin = serializers.ChoiceField(choices=_ORIGINS)


class PreferenceShape(serializers.Serializer[Any]):
    """What one hears of a kind."""

    kind = serializers.CharField()
    words = serializers.CharField(help_text="What it tells, in short.")
    topic = serializers.CharField()
    is_urgent = serializers.BooleanField(help_text="It waits for no quiet hours and no digest.")
    is_required = serializers.BooleanField(
        help_text="It protects the account: always by mail, at once; nothing can be chosen."
    )
    channels = ChoiceShape(many=True)


class ChoiceBody(StrictSerializer):
    """One choice; null is as everybody has it who chose nothing."""

    kind = serializers.CharField(max_length=60)
    channel = serializers.CharField(max_length=20)
    timing = serializers.ChoiceField(choices=Timing.choices, allow_null=True)


class PreferencesBody(StrictSerializer):
    """Some choices; all others stay."""

    preferences = serializers.ListField(child=ChoiceBody(), min_length=1, max_length=MOST_CHOICES)


class ScheduleShape(serializers.Serializer[Any]):
    """Quiet hours and the time of the digest, on the clock of one's zone; reminders."""

    quiet_from = serializers.TimeField(format="%H:%M", allow_null=True)
    quiet_until = serializers.TimeField(format="%H:%M", allow_null=True)
    digest_at = serializers.TimeField(format="%H:%M")
    digest_weekday = serializers.IntegerField(help_text="Monday is 0.")
    remind_minutes = serializers.ChoiceField(
        choices=RemindLead.choices, allow_null=True, help_text=_LEAD
    )


class ScheduleBody(StrictSerializer):
    """What changes of the schedule; what is left out stays."""

    quiet_from = serializers.TimeField(required=False, allow_null=True, help_text=_UNTIL)
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    digest_at = serializers.TimeField(required=False)
    digest_weekday = serializers.IntegerField(
        required=False, min_value=0, max_value=6, help_text="Monday is 0."
    )
    remind_minutes = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=min(RemindLead.values),
        max_value=max(RemindLead.values),
        help_text=_LEAD,
    )


class WatchBody(StrictSerializer):
    """How to watch a resource."""

    mode = serializers.ChoiceField(choices=WatchMode.choices)


class WatchShape(serializers.Serializer[Any]):
    """A resource that one follows or muted."""

    resource = serializers.UUIDField(source="resource.public_id")
    name = serializers.CharField(source="resource.name")
    mode = serializers.ChoiceField(choices=WatchMode.choices)


class PreferencesView(APIView):
    """What one hears of."""

    @extend_schema(
        operation_id="preferences_read",
        tags=["me"],
        responses=PreferenceShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Read what you hear of, by which channel and when, and whether that was your choice."""
        return Response(_preferences(asker(request)))

    @extend_schema(
        operation_id="preferences_change",
        tags=["me"],
        request=PreferencesBody,
        responses=PreferenceShape(many=True),
    )
    def patch(self, request: Request) -> Response:
        """Choose for some kinds and channels; if one choice is refused, none is kept."""
        body = PreferencesBody(data=request.data)
        body.is_valid(raise_exception=True)
        user = asker(request)
        chosen = chosen_by([user.pk])[user.pk]
        with told_as_problems():
            choices = {
                (each["kind"], each["channel"]): Timing(each["timing"])
                if each["timing"]
                else _without(chosen, (each["kind"], each["channel"]))
                for each in body.validated_data["preferences"]
            }
            choose_timings(actor=user, user=user, choices=choices, now=clock_now())
        return Response(_preferences(user))


class ScheduleView(APIView):
    """One's quiet hours, digest and reminders."""

    @extend_schema(operation_id="schedule_read", tags=["me"], responses=ScheduleShape)
    def get(self, request: Request) -> Response:
        """Read your quiet hours, the time of your digest, and when you are reminded."""
        return Response(ScheduleShape(schedule_of(asker(request))).data)

    @extend_schema(
        operation_id="schedule_change",
        tags=["me"],
        request=ScheduleBody,
        responses=ScheduleShape,
    )
    def patch(self, request: Request) -> Response:
        """Set your quiet hours, the time of your digest, and when you are reminded."""
        body = ScheduleBody(data=request.data)
        body.is_valid(raise_exception=True)
        user = asker(request)
        schedule, said = schedule_of(user), body.validated_data
        wanted = Schedule(
            quiet_from=said.get("quiet_from", schedule.quiet_from),
            quiet_until=said.get("quiet_until", schedule.quiet_until),
            digest_at=said.get("digest_at", schedule.digest_at),
            digest_weekday=said.get("digest_weekday", schedule.digest_weekday),
            remind_minutes=said.get("remind_minutes", schedule.remind_minutes),
        )
        with told_as_problems():
            kept = choose_schedule(user=user, wanted=wanted, now=clock_now())
        return Response(ScheduleShape(kept).data)


class WatchesView(GenericAPIView[ResourceWatch]):
    """What one follows or muted."""

    serializer_class = WatchShape
    queryset = ResourceWatch.objects.none()

    @extend_schema(operation_id="watches_list", tags=["me"], parameters=[PageQuery])
    def get(self, request: Request) -> Response:
        """List what you follow or muted, by name."""
        query_of(PageQuery, request)
        page = self.paginate_queryset(watched_by(asker(request)))
        return self.get_paginated_response(WatchShape(page or [], many=True).data)


class WatchView(APIView):
    """One resource."""

    @extend_schema(operation_id="watches_set", tags=["me"], request=WatchBody, responses=WatchShape)
    def put(self, request: Request, resource_id: UUID) -> Response:
        """Follow a resource, or mute it."""
        body = WatchBody(data=request.data)
        body.is_valid(raise_exception=True)
        user, mode = asker(request), WatchMode(body.validated_data["mode"])
        _watch(user, resource_id, mode)
        watch = watched_by(user).get(resource__public_id=resource_id)
        return Response(WatchShape(watch).data)

    @extend_schema(operation_id="watches_end", tags=["me"], responses={204: None})
    def delete(self, request: Request, resource_id: UUID) -> Response:
        """Hear of a resource as everybody does."""
        _watch(asker(request), resource_id, None)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _watch(user: User, resource_id: UUID, mode: WatchMode | None) -> None:
    try:
        watch_resource(user=user, resource_id=resource_id, mode=mode, now=clock_now())
    except Resource.DoesNotExist as error:
        raise Http404 from error


def _without(chosen: Chosen, choice: Choice) -> Timing:
    """What it would be if the person had chosen nothing."""
    kind, name = choice
    channel = next((each for each in ready_channels() if each.name == name), None)
    if kind not in CATALOGUE or channel is None:
        # The service refuses it, whatever is wished.
        return Timing.NOW
    return chosen.lab.get(choice) or channel.default(CATALOGUE[kind])


def _preferences(user: User) -> list[dict[str, Any]]:
    chosen = chosen_by([user.pk])[user.pk]
    rows = [_row(kind, chosen) for topic in TOPICS for kind in topic.kinds]
    return list(PreferenceShape(rows, many=True).data)


def _row(kind: str, chosen: Chosen) -> Mapping[str, Any]:
    entry, topic = CATALOGUE[kind], topic_of(kind)
    return {
        "kind": kind,
        "words": say_kind(kind),
        "topic": topic.key if topic else "",
        "is_urgent": entry.urgent,
        "is_required": entry.is_required,
        "channels": [
            {
                "channel": each.name,
                "timing": chosen.timing(kind, each.name, each.default(entry)),
                "timings": [] if entry.is_required else list(each.timings),
                "origin": _origin(chosen, (kind, each.name)),
            }
            for each in ready_channels()
        ],
    }


def _origin(chosen: Chosen, choice: Choice) -> str:
    if choice in chosen.own:
        return "own"
    return "lab" if choice in chosen.lab else "product"
