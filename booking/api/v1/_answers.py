"""What the endpoints of this app share: who asks, and how a domain no becomes problems."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from booking.errors import BookingError, Refusal, Repair
from labitory.lib.api.errors import Refused
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment
from labitory.lib.api.problems import problem


class RepairShape(serializers.Serializer[Any]):
    """A legal booking near the one that was refused, ready to be posted."""

    kind = serializers.ChoiceField(choices=["earlier", "later", "shorter", "other_resource"])
    resource = serializers.UUIDField()
    resource_name = serializers.CharField()
    start_time = MomentField()
    end_time = MomentField()


class RefusalShape(serializers.Serializer[Any]):
    """One rule's no."""

    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField()
    facts = serializers.DictField()
    overridable_by = serializers.CharField(allow_null=True)
    repairs = RepairShape(many=True)


def asker(request: Request) -> User:
    """The person or program that is logged in; permissions have seen to it."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this endpoint is for people who are logged in")
    return user


def query_of(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The parameters of the address, checked; a parameter that comes twice is a list."""
    given: dict[str, Any] = {}
    lists = {
        name
        for name, field in shape().fields.items()
        if isinstance(field, serializers.ListField | serializers.ManyRelatedField)
    }
    for name, values in request.query_params.lists():
        given[name] = values if name in lists else values[-1]
    query = shape(data=given)
    query.is_valid(raise_exception=True)
    found: dict[str, Any] = query.validated_data
    return found


@contextmanager
def told_as_problems() -> Iterator[None]:
    """Turn a service's no into problems with the same codes and status."""
    try:
        yield
    except BookingError as error:
        repairs = repairs_out(error.repairs)
        problems = [
            problem(
                status=error.status,
                title=_title(error.status),
                **refusal_out(refusal, repairs),
            )
            for refusal in error.refusals
        ]
        raise Refused(problems, error.status) from error


def refusal_out(refusal: Refusal, repairs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A refusal as the interface tells it."""
    return {
        "code": refusal.code,
        "detail": refusal.text,
        "field": refusal.field,
        "facts": dict(refusal.facts),
        "overridable_by": refusal.overridable_by.value if refusal.overridable_by else None,
        "repairs": list(repairs),
    }


def repairs_out(repairs: Sequence[Repair]) -> list[dict[str, Any]]:
    """Repairs as the interface tells them."""
    return [
        {
            "kind": repair.kind,
            "resource": str(repair.resource_id),
            "resource_name": repair.resource_name,
            "start_time": write_moment(repair.start_time),
            "end_time": write_moment(repair.end_time),
        }
        for repair in repairs
    ]


def _title(status: int) -> str:
    titles = {
        HTTPStatus.FORBIDDEN: _("Not allowed."),
        HTTPStatus.CONFLICT: _("It does not fit the state of things."),
        HTTPStatus.PRECONDITION_FAILED: _("It was changed in between."),
    }
    return titles.get(HTTPStatus(status), _("Refused by a rule."))
