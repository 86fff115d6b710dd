"""Telling what was done without a network."""

from typing import Any

from django.contrib import messages
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker
from booking.enums import ActOutcome
from booking.services.offline import CHECK_IN, CHECK_OUT, KeptAct, Reconciled, reconcile_acts
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.clock import now as clock_now

MOST_ACTS = 50


class OfflineActWish(StrictSerializer):
    """One tap as the device kept it."""

    key = serializers.UUIDField(help_text="Made by the device: told twice, it is one.")
    booking = serializers.UUIDField()
    act = serializers.ChoiceField(choices=(CHECK_IN, CHECK_OUT))
    done_at = MomentField(help_text="By the clock of the device.")


class OfflineActsWish(StrictSerializer):
    """What a device kept, and what its clock says as it tells."""

    device_now = MomentField()
    acts = serializers.ListField(child=OfflineActWish(), allow_empty=False, max_length=MOST_ACTS)


class OfflineActShape(serializers.Serializer[Any]):
    """What became of it."""

    key = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=ActOutcome.choices)
    answer = serializers.CharField()
    done_at = MomentField(help_text="By the clock of the lab.")


class OfflineActsView(APIView):
    """What was done without a network."""

    @extend_schema(
        operation_id="me_offline_acts",
        tags=["check-ins"],
        request=OfflineActsWish,
        responses=OfflineActShape(many=True),
    )
    def post(self, request: Request) -> Response:
        """Tell of check-ins and ends that a device kept; each is done as of then, or refused."""
        wish = OfflineActsWish(data=request.data)
        wish.is_valid(raise_exception=True)
        asked = wish.validated_data
        acts = [
            KeptAct(
                key=each["key"],
                booking_id=each["booking"],
                act=each["act"],
                done_at=each["done_at"],
            )
            for each in asked["acts"]
        ]
        found = reconcile_acts(
            actor=asker(request), acts=acts, device_now=asked["device_now"], now=clock_now()
        )
        if request.auth is None:
            _say(request, found)
        return Response([_out(each) for each in found])


def _say(request: Request, found: list[Reconciled]) -> None:
    """A browser's person reads it on their next page, once."""
    for each in found:
        if each.is_new:
            level = messages.SUCCESS if each.outcome is ActOutcome.DONE else messages.WARNING
            messages.add_message(request._request, level, each.text)


def _out(each: Reconciled) -> dict[str, Any]:
    return {
        "key": str(each.key),
        "outcome": each.outcome.value,
        "answer": each.text,
        "done_at": write_moment(each.done_at),
    }
