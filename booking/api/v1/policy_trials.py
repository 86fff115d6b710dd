"""What if: past bookings asked again under limits that are not in force."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api.v1.permissions import needs_permission
from accounts.enums import Role
from accounts.models import User
from accounts.permissions import may
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape
from booking.enums import Limit, TrialState
from booking.models import PolicyTrial
from booking.queries.policy_trials import Outcome, find_trial, outcome_of, policy_trials
from booking.queries.resources import find_resource
from booking.queries.scopes import find_type
from booking.rules.proposals import LimitRow
from booking.rules.replay import MOST_MONTHS
from booking.services.policy_trials import TrialWish, cancel_trial, start_trial
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

CODE = "policy.manage"
_LARGEST_TEXT = 200_000
_LARGEST_VALUE = 5_256_000
_LONGEST_TITLE = 120


class TrialsQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class ChangeBody(StrictSerializer):
    """One limit that is tried; the others are as they are."""

    limit = serializers.ChoiceField(choices=Limit.choices)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    resource = serializers.UUIDField(required=False)
    resource_type = serializers.UUIDField(required=False)
    value = serializers.IntegerField(
        min_value=0,
        max_value=_LARGEST_VALUE,
        allow_null=True,
        help_text="Minutes or bookings; null lifts the limit.",
    )


class TrialBody(StrictSerializer):
    """What is tried on how many months: one limit changed, or a whole text of policies."""

    title = serializers.CharField(max_length=_LONGEST_TITLE)
    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS)
    change = ChangeBody(required=False)
    text = serializers.CharField(
        required=False,
        max_length=_LARGEST_TEXT,
        trim_whitespace=False,
        help_text="YAML; its limits are tried, in place of all that are in force.",
    )


class TrialShape(serializers.Serializer[Any]):
    """A trial, and how far it is."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=TrialState.choices)
    starts_at = MomentField(help_text="Bookings that were made from here on.")
    ends_at = MomentField()
    total = serializers.IntegerField(help_text="Bookings to look at; 0 until a worker has it.")
    done = serializers.IntegerField(help_text="Bookings that were looked at.")
    error = serializers.CharField(help_text="Why it stopped, in words.")
    asked_by = PersonShape()
    asked_at = MomentField()
    finished_at = MomentField(allow_null=True)


class ShareShape(serializers.Serializer[Any]):
    """One of those that a trial looked at."""

    name = serializers.CharField()
    refused = serializers.IntegerField()
    hours = serializers.FloatField(help_text="Hours that would have had to move.")
    made = serializers.FloatField(help_text="Hours that were booked.")


class PartShape(serializers.Serializer[Any]):
    """The outcome by role, group, instrument or person."""

    title = serializers.CharField()
    shares = ShareShape(many=True)


class RefusedBookingShape(serializers.Serializer[Any]):
    """A booking that would have been refused, and why."""

    booking = serializers.UUIDField()
    resource = serializers.CharField()
    start_time = MomentField()
    end_time = MomentField()
    reason = serializers.CharField()


class OutcomeShape(serializers.Serializer[Any]):
    """What a trial found."""

    bookings = serializers.IntegerField()
    refused = serializers.IntegerField()
    hours = serializers.FloatField()
    present = serializers.IntegerField(help_text="Refused under the limits in force.")
    gini_before = serializers.FloatField(help_text="0: all have the same, 1: one has all.")
    gini_after = serializers.FloatField()
    rules = ShareShape(many=True)
    parts = PartShape(many=True)
    examples = RefusedBookingShape(many=True)


class TrialWithOutcome(TrialShape):
    """A trial with what it found; null as long as it is not done."""

    outcome = OutcomeShape(allow_null=True)


class ManagedView(GenericAPIView[PolicyTrial]):
    """For those who set policies everywhere."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))
    serializer_class = TrialShape
    queryset = PolicyTrial.objects.none()

    def asker(self, request: Request) -> User:
        """Whoever asks, if they set policies everywhere; else 403."""
        viewer = asker(request)
        require(may(viewer, CODE), CODE)
        return viewer


class PolicyTrialsView(ManagedView):
    """The trials."""

    @extend_schema(operation_id="policy_trials_list", tags=["policies"], parameters=[TrialsQuery])
    def get(self, request: Request) -> Response:
        """List the trials, the latest first."""
        self.asker(request)
        query_of(TrialsQuery, request)
        page = self.paginate_queryset(policy_trials())
        return self.get_paginated_response(TrialShape(page, many=True).data)

    @extend_schema(
        operation_id="policy_trials_start",
        tags=["policies"],
        request=TrialBody,
        responses={201: TrialShape},
    )
    def post(self, request: Request) -> Response:
        """Ask for a trial; a worker begins at once, or within a minute. Ask again how far it is."""
        actor = self.asker(request)
        body = TrialBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            trial = start_trial(actor=actor, wish=_wish(body.validated_data), now=clock_now())
        return Response(TrialShape(trial).data, status=201)


class PolicyTrialView(ManagedView):
    """One trial."""

    @extend_schema(operation_id="policy_trials_read", tags=["policies"], responses=TrialWithOutcome)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read how far a trial is, and what it found."""
        self.asker(request)
        return Response(_trial_out(_known(public_id)))


class PolicyTrialStopView(ManagedView):
    """A trial that nobody waits for any more."""

    @extend_schema(
        operation_id="policy_trials_stop", tags=["policies"], request=None, responses=TrialShape
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Stop a trial that is not finished; 409 where it is over already."""
        actor = self.asker(request)
        _known(public_id)
        with told_as_problems():
            cancel_trial(actor=actor, trial_id=public_id, now=clock_now())
        return Response(TrialShape(_known(public_id)).data)


def _known(public_id: UUID) -> PolicyTrial:
    found = find_trial(public_id)
    if found is None:
        raise Http404
    return found


def _wish(body: dict[str, Any]) -> TrialWish:
    asked = body.get("change")
    change = None
    if asked is not None:
        resource = find_resource(asked["resource"]) if "resource" in asked else None
        kind = find_type(asked["resource_type"]) if "resource_type" in asked else None
        if ("resource" in asked and not resource) or ("resource_type" in asked and not kind):
            raise Http404
        change = LimitRow(
            limit=Limit(asked["limit"]),
            role=asked.get("role", ""),
            resource_id=resource.pk if resource else None,
            type_id=kind.pk if kind else None,
            value=asked["value"],
        )
    return TrialWish(
        title=body["title"], months=body["months"], text=body.get("text", ""), change=change
    )


def _trial_out(trial: PolicyTrial) -> dict[str, Any]:
    outcome = outcome_of(trial)
    return {
        **TrialShape(trial).data,
        "outcome": None if outcome is None else _outcome_out(outcome),
    }


def _outcome_out(found: Outcome) -> dict[str, Any]:
    return {
        "bookings": found.bookings,
        "refused": found.refused,
        "hours": found.hours,
        "present": found.present,
        "gini_before": found.gini_before,
        "gini_after": found.gini_after,
        "rules": ShareShape(found.rules, many=True).data,
        "parts": [
            {"title": title, "shares": ShareShape(shares, many=True).data}
            for title, shares in found.parts
        ],
        "examples": [
            {
                "booking": str(booking.public_id),
                "resource": booking.resource.name,
                "start_time": write_moment(booking.start_time),
                "end_time": write_moment(booking.end_time),
                "reason": reason,
            }
            for booking, reason in found.examples
        ],
    }
