"""What the caller may, and the roles there are."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.v1.permissions import needs_permission
from accounts.models import User
from accounts.queries.roles import held_permissions, roles_with_holders
from labitory.lib.clock import now


class PermissionShape(serializers.Serializer[Any]):
    """Something one may do, and where; empty for nowhere."""

    code = serializers.CharField(source="permission.code")
    words = serializers.CharField(source="permission.words")
    scoped = serializers.BooleanField(source="permission.scoped")
    where = serializers.CharField()


class RoleShape(serializers.Serializer[Any]):
    """A role with what it brings."""

    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    is_builtin = serializers.BooleanField()
    holders = serializers.IntegerField(source="holder_count")


class OwnPermissionsView(APIView):
    """What the caller may."""

    @extend_schema(
        operation_id="permissions_mine", tags=["auth"], responses=PermissionShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """Every permission with where you have it, by your standing and your granted roles."""
        assert isinstance(request.user, User)  # noqa: S101 - the default permission sees to it
        return Response(PermissionShape(held_permissions(request.user), many=True).data)


class RolesView(APIView):
    """The roles."""

    permission_classes = (IsAuthenticated, needs_permission("role.grant", "role.define"))

    @extend_schema(operation_id="roles_list", tags=["auth"], responses=RoleShape(many=True))
    def get(self, request: Request) -> Response:
        """All roles with what each brings; for those who grant or compose them."""
        return Response(RoleShape(roles_with_holders(now=now()), many=True).data)
