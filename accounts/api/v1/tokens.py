"""Tokens for programs: a user name and password buy a short one and a long one."""

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
from accounts.errors import LoginLocked
from accounts.services.logins import check_login
from accounts.services.sessions import record_token_given
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.clock import now


class Credentials(StrictSerializer):
    """Who asks for a token."""

    username = serializers.CharField(max_length=254, help_text="User name or e-mail address.")
    password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)


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
        record_token_given(user=user, now=moment)
        refresh = RefreshToken.for_user(user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class StrictTokenRefreshSerializer(TokenRefreshSerializer):
    """The library's, with a bound on what is looked at and a look at the account."""

    refresh = serializers.CharField(max_length=4096)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """A new access token; none for an account that is closed or has a new password."""
        found: dict[str, str] = super().validate(attrs)
        JWTAuthentication().get_user(AccessToken(found["access"]))  # type: ignore[arg-type]
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
