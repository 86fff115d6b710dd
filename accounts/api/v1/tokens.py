"""Tokens for programs: a user name and password buy a short one and a long one."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt import views
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.api.v1._throttling import AddressThrottle, LoginThrottle
from accounts.errors import AccountRefused, LoginLocked
from accounts.models import User
from accounts.queries.factors import duty_of, has_factor
from accounts.queries.passwords import is_password_too_old
from accounts.services.factors import Shown, check_person
from accounts.services.logins import check_login
from accounts.services.sessions import record_token_given
from labitory.lib.api.errors import Refused
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.api.problems import problem
from labitory.lib.clock import now

# In a token whose owner showed a second factor for it.
WITH_FACTOR = "factor"


class Credentials(StrictSerializer):
    """Who asks for a token."""

    username = serializers.CharField(max_length=254, help_text="User name or e-mail address.")
    password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)
    code = serializers.CharField(
        max_length=40,
        required=False,
        write_only=True,
        help_text="Of an authenticator app, or a backup code: needed with a second factor.",
    )


class TokenPair(serializers.Serializer[Any]):
    """What to send as `Authorization: Bearer <access>`, and what buys the next one."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class FreshToken(serializers.Serializer[Any]):
    """A fresh access token."""

    access = serializers.CharField()


class TokenView(APIView):
    """Gives tokens; wrong attempts are limited, kept, and all answered alike."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle, LoginThrottle)

    def get_authenticate_header(self, request: Request) -> str:
        """Without a header a refusal would turn into 403."""
        return 'Bearer realm="api"'

    @extend_schema(
        operation_id="token_create",
        tags=["auth"],
        auth=[],
        request=Credentials,
        responses={200: TokenPair},
    )
    def post(self, request: Request) -> Response:
        """Log in as a program. The access token lives 30 minutes, the refresh token 7 days."""
        credentials = Credentials(data=request.data)
        credentials.is_valid(raise_exception=True)
        given, moment = credentials.validated_data, now()
        try:
            user = check_login(
                request=request._request,
                name=given["username"],
                password=given["password"],
                now=moment,
            )
        except LoginLocked as refusal:
            raise exceptions.Throttled(wait=refusal.wait.total_seconds()) from refusal
        if user is None:
            raise exceptions.AuthenticationFailed(_("User name and password do not match."))
        shown = _require_factor(user, given.get("code", ""))
        if is_password_too_old(user, moment):
            raise _too_old()
        record_token_given(user=user, now=moment)
        refresh = RefreshToken.for_user(user)
        refresh[WITH_FACTOR] = shown
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


def _too_old() -> Refused:
    title = _("Your password is too old. Choose a new one with a browser.")
    return Refused([problem(status=403, code="password.too_old", title=title)], 403)


def _require_factor(user: User, code: str) -> bool:
    """What a browser would have to show, a program shows as a code; gives whether it had to."""
    moment = now()
    if not has_factor(user):
        _require_no_duty(user, moment)
        return False
    if not code:
        text = _("Send the code of your authenticator app, or a backup code, as `code`.")
        raise _refused("factor.required", text, field="code")
    try:
        check_person(user=user, shown=Shown(code=code), now=moment)
    except AccountRefused as refusal:
        raise _refused(refusal.code, refusal.text, field="code") from refusal
    return True


def _require_no_duty(user: User, moment: datetime) -> None:
    """After the days of grace a program gets in no more than its owner does."""
    duty = duty_of(user, moment)
    if duty is not None and duty.is_over:
        text = _("Your role needs a second factor. Log in with a browser and add one.")
        raise _refused("factor.overdue", text)


def _refused(code: str, text: str, field: str = "") -> Refused:
    title = _("A second factor is needed.")
    return Refused([problem(status=401, code=code, title=title, detail=text, field=field)], 401)


class StrictTokenRefreshSerializer(TokenRefreshSerializer):
    """The library's, with a bound on what is looked at and a look at the account."""

    refresh = serializers.CharField(max_length=4096)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """A new access token; none for an account that is closed or has a new password.

        Nor by a token from before the account had a second factor.
        """
        found: dict[str, str] = super().validate(attrs)
        user = JWTAuthentication().get_user(AccessToken(found["access"]))  # type: ignore[arg-type]
        assert isinstance(user, User)  # noqa: S101 - ours; for the type checker
        _require_no_duty(user, now())
        if not RefreshToken(attrs["refresh"]).get(WITH_FACTOR) and has_factor(user):
            text = _("This token is from before your second factor. Get a new one with a code.")
            raise _refused("factor.required", text)
        return found


class TokenRefreshView(views.TokenRefreshView):
    """Gives a new access token while the account is active and its password the same."""

    serializer_class = StrictTokenRefreshSerializer
    throttle_classes = (AddressThrottle,)

    @extend_schema(
        operation_id="token_refresh",
        tags=["auth"],
        auth=[],
        request=StrictTokenRefreshSerializer,
        responses={200: FreshToken},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Trade a refresh token for an access token."""
        return super().post(request, *args, **kwargs)
