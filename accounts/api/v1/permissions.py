"""How endpoints ask who may."""

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import permissions, places
from labitory.lib.http import MISSING


def needs_permission(*codes: str) -> type[BasePermission]:
    """For `permission_classes`: one of the permissions somewhere; else 403 that names it.

    What the endpoint is about asks again, there.
    """
    if not codes or set(codes) - permissions().keys():
        raise ValueError(f"an endpoint needs declared permissions, not {codes}")

    class Needs(BasePermission):
        """Whether the caller has one of them anywhere."""

        code = "permission_denied"

        @property
        def message(self) -> str:
            """What is missing, in words."""
            words = permissions()[codes[0]].words
            return _("You would have to be allowed to %(words)s.") % {"words": words}

        def has_permission(self, request: Request, view: APIView) -> bool:
            user = request.user
            allowed = isinstance(user, User) and any(places(user, code) for code in codes)
            if not allowed:
                setattr(request._request, MISSING, codes[0])
            return allowed

    return Needs
