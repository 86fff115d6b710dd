"""Research groups and projects: one's own; those who edit groups see theirs too."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, ResearchGroup
from accounts.queries.groups import visible_groups
from accounts.queries.projects import visible_projects
from booking.api.v1._answers import asker, query_of
from booking.api.v1._booking_shapes import PersonShape
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE


class GroupQuery(StrictSerializer):
    """Which groups or projects to list."""

    is_active = serializers.BooleanField(required=False)
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class GroupMemberShape(serializers.Serializer[Any]):
    """Somebody in a group."""

    id = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.full_name")
    is_manager = serializers.BooleanField(help_text="Acts for the principal investigator.")


class GroupShape(serializers.Serializer[Any]):
    """A research group with its people."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    unit = serializers.CharField(source="unit.code", allow_null=True, default=None)
    lead = PersonShape()
    price_class = serializers.CharField(source="price_class.code", allow_null=True, default=None)
    is_active = serializers.BooleanField()
    members = GroupMemberShape(source="members.all", many=True)


class GroupName(serializers.Serializer[Any]):
    """A group, by id and name."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class ProjectShape(serializers.Serializer[Any]):
    """A project with those who may charge it."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    code = serializers.CharField(help_text="The account that is charged.")
    group = GroupName()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()
    members = PersonShape(many=True)


class GroupsView(GenericAPIView[ResearchGroup]):
    """Research groups."""

    serializer_class = GroupShape
    queryset = ResearchGroup.objects.none()

    @extend_schema(operation_id="groups_list", tags=["people"], parameters=[GroupQuery])
    def get(self, request: Request) -> Response:
        """List your groups by name, with their people; who edits groups sees theirs."""
        found = visible_groups(asker(request))
        query = query_of(GroupQuery, request)
        if "is_active" in query:
            found = found.filter(is_active=query["is_active"])
        page = self.paginate_queryset(found)
        return self.get_paginated_response(GroupShape(page, many=True).data)


class ProjectsView(GenericAPIView[Project]):
    """Projects."""

    serializer_class = ProjectShape
    queryset = Project.objects.none()

    @extend_schema(operation_id="projects_list", tags=["people"], parameters=[GroupQuery])
    def get(self, request: Request) -> Response:
        """List your projects and those of your groups by name, with their people."""
        found = visible_projects(asker(request))
        query = query_of(GroupQuery, request)
        if "is_active" in query:
            found = found.filter(is_active=query["is_active"])
        page = list(self.paginate_queryset(found) or ())
        rows = [_project_out(project) for project in page]
        return self.get_paginated_response(rows)


def _project_out(project: Project) -> dict[str, Any]:
    people = [member.user for member in project.members.all()]
    shown: dict[str, Any] = {
        "id": str(project.public_id),
        "name": project.name,
        "code": project.code,
        "group": GroupName(project.group).data,
        "starts_on": project.starts_on.isoformat(),
        "ends_on": project.ends_on.isoformat() if project.ends_on else None,
        "is_active": project.is_active,
        "members": PersonShape(people, many=True).data,
    }
    return shown
