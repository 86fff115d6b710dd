"""The rules of a resource, for programs."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker
from booking.queries.readable_policies import resource_rules
from labitory.lib.clock import now as clock_now


class RulesChapter(serializers.Serializer[Any]):
    """What is said about one thing."""

    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())


class ResourcePoliciesView(APIView):
    """The rules of one resource."""

    @extend_schema(
        operation_id="resources_policies", tags=["resources"], responses=RulesChapter(many=True)
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Every rule that holds for you on the resource, in plain sentences."""
        found = resource_rules(viewer=asker(request), public_id=public_id, now=clock_now())
        if found is None:
            raise Http404
        return Response(
            [
                {"key": each.key, "title": each.title, "sentences": list(each.sentences)}
                for each in found.chapters
            ]
        )
