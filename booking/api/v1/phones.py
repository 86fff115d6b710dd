"""Your own number for text messages."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django_ratelimit.exceptions import Ratelimited
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, told_as_problems
from booking.models import PhoneNumber
from booking.queries.phones import normal_number, phone_of
from booking.services.phones import give_phone, remove_phone, verify_phone
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.clock import now as clock_now
from labitory.lib.limits import require_rate


class PhoneShape(serializers.Serializer[Any]):
    """Your number, and since when it is verified."""

    number = serializers.CharField()
    verified_at = MomentField(allow_null=True)


class PhoneWish(StrictSerializer):
    """A number with its country."""

    number = serializers.CharField(max_length=40, help_text="+49 151 23456789")


class CodeWish(StrictSerializer):
    """The code that came to it."""

    code = serializers.CharField(max_length=20)


class PhoneView(APIView):
    """The number itself."""

    @extend_schema(operation_id="phone_read", tags=["me"], responses=PhoneShape)
    def get(self, request: Request) -> Response:
        """Read your number."""
        return Response(_out(_own(request)))

    @extend_schema(operation_id="phone_give", tags=["me"], request=PhoneWish, responses=PhoneShape)
    def put(self, request: Request) -> Response:
        """Give a number, or have another code sent. Nothing else comes before it is verified."""
        wish = PhoneWish(data=request.data)
        wish.is_valid(raise_exception=True)
        user, number = asker(request), wish.validated_data["number"]
        try:
            require_rate(
                request._request,
                group="phone-code",
                keys=[f"account {user.pk}", f"number {normal_number(number)}"],
                rate=settings.RATE_PHONE_CODE,
            )
        except Ratelimited as error:
            raise exceptions.Throttled from error
        with told_as_problems():
            phone = give_phone(user=user, number=number, now=clock_now())
        return Response(_out(phone))

    @extend_schema(operation_id="phone_remove", tags=["me"], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Have your number forgotten."""
        _own(request)
        remove_phone(user=asker(request), now=clock_now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PhoneVerifyView(APIView):
    """The code."""

    @extend_schema(operation_id="phone_verify", tags=["me"], request=CodeWish, responses=PhoneShape)
    def post(self, request: Request) -> Response:
        """Verify your number by the code that came to it."""
        wish = CodeWish(data=request.data)
        wish.is_valid(raise_exception=True)
        with told_as_problems():
            phone = verify_phone(
                user=asker(request), code=wish.validated_data["code"], now=clock_now()
            )
        return Response(_out(phone))


def _own(request: Request) -> PhoneNumber:
    found = phone_of(asker(request))
    if found is None:
        raise Http404
    return found


def _out(phone: PhoneNumber) -> dict[str, Any]:
    return dict(PhoneShape(phone).data)
