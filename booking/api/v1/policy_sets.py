"""Policies as text in versions: looked at, applied, taken out."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api.v1.permissions import needs_permission
from accounts.models import User
from accounts.permissions import may
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.api.v1._booking_shapes import PersonShape
from booking.models import PolicySet
from booking.queries.policy_sets import find_set, policy_sets
from booking.services.policy_sets import (
    apply_again,
    apply_policies,
    compare_sets,
    export_policies,
    preview_policies,
)
from labitory.lib.api.envelope import EnvelopeRenderer
from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

CODE = "policy.manage"
LARGEST = 200_000
LATEST_VERSION = 999_999_999
_DIGEST = 64
YAML = "application/yaml"


class PageQuery(StrictSerializer):
    """Which page."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class DifferencesQuery(StrictSerializer):
    """What to compare with."""

    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LATEST_VERSION,
        help_text="Another version; without one, what is in force.",
    )


class TextBody(StrictSerializer):
    """A text of policies."""

    text = serializers.CharField(
        max_length=LARGEST, trim_whitespace=False, help_text="YAML, as the export writes it."
    )


class SeenBody(StrictSerializer):
    """What was looked at before."""

    seen = serializers.CharField(
        required=False,
        max_length=_DIGEST,
        help_text="As the look at it told: refused with 409 where anything has changed since.",
    )


class ApplyBody(TextBody, SeenBody):
    """A text of policies that is applied as the next version."""


class VersionName(serializers.Serializer[Any]):
    """A version: its number, and what it changed."""

    version = serializers.IntegerField()
    title = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())
    applied_by = PersonShape()
    applied_at = MomentField()


class VersionShape(VersionName):
    """A version with its text."""

    text = serializers.CharField()


class TriedShape(serializers.Serializer[Any]):
    """An example with what came of it."""

    number = serializers.IntegerField()
    holds = serializers.BooleanField()
    role = serializers.CharField(source="example.role")
    resource = serializers.CharField(source="example.resource")
    expected = serializers.CharField()
    found = serializers.CharField()


class LookShape(serializers.Serializer[Any]):
    """What applying a text would do."""

    title = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())
    examples = TriedShape(many=True, source="tried")
    failing = serializers.ListField(child=serializers.CharField(), help_text="In sentences.")
    seen = serializers.CharField(help_text="Send it back when you apply the text.")


class DifferencesShape(serializers.Serializer[Any]):
    """What differs, in sentences."""

    changes = serializers.ListField(child=serializers.CharField())


class YamlRenderer(EnvelopeRenderer):
    """For whoever accepts YAML only: problems are JSON, which is YAML as well."""

    media_type = YAML
    format = "yaml"


class ManagedView(GenericAPIView[PolicySet]):
    """For those who set policies everywhere: a set holds all of them."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))
    queryset = PolicySet.objects.none()

    def asker(self, request: Request) -> User:
        """Whoever asks, if they set policies everywhere; else 403."""
        viewer = asker(request)
        require(may(viewer, CODE), CODE)
        return viewer


class PolicySetsView(ManagedView):
    """The versions."""

    serializer_class = VersionName

    @extend_schema(operation_id="policy_sets_list", tags=["policies"], parameters=[PageQuery])
    def get(self, request: Request) -> Response:
        """List the versions that were applied, the latest first, without their texts."""
        self.asker(request)
        query_of(PageQuery, request)
        page = self.paginate_queryset(policy_sets())
        return self.get_paginated_response(VersionName(page, many=True).data)

    @extend_schema(
        operation_id="policy_sets_apply",
        tags=["policies"],
        request=ApplyBody,
        responses={201: VersionShape, 200: VersionShape},
    )
    def post(self, request: Request) -> Response:
        """Apply a text as the next version; where all was so already, answer the latest with 200.

        All of it or nothing: its examples must hold.
        """
        actor = self.asker(request)
        body = ApplyBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            made = apply_policies(actor=actor, now=clock_now(), **body.validated_data)
        return _applied(made)


class PolicySetLookView(ManagedView):
    """A text before it is applied."""

    @extend_schema(
        operation_id="policy_sets_validate",
        tags=["policies"],
        request=TextBody,
        responses=LookShape,
    )
    def post(self, request: Request) -> Response:
        """Read a text, say what it would change, and try its examples; nothing is written."""
        actor = self.asker(request)
        body = TextBody(data=request.data)
        body.is_valid(raise_exception=True)
        with told_as_problems():
            found = preview_policies(actor=actor, text=body.validated_data["text"], now=clock_now())
        return Response(LookShape(found).data)


class PolicySetExportView(ManagedView):
    """What is in force, as text."""

    renderer_classes = (EnvelopeRenderer, YamlRenderer)

    @extend_schema(
        operation_id="policy_sets_export",
        tags=["policies"],
        responses={(200, YAML): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        """Take out what is in force as YAML; applied at once it changes nothing."""
        return _as_file(export_policies(actor=self.asker(request)), "policies.yaml")


class PolicySetView(ManagedView):
    """One version."""

    @extend_schema(operation_id="policy_sets_read", tags=["policies"], responses=VersionShape)
    def get(self, request: Request, version: int) -> Response:
        """Read a version with its text."""
        self.asker(request)
        return Response(VersionShape(_known(version)).data)


class PolicySetTextView(ManagedView):
    """One version, as text."""

    renderer_classes = (EnvelopeRenderer, YamlRenderer)

    @extend_schema(
        operation_id="policy_sets_text",
        tags=["policies"],
        responses={(200, YAML): OpenApiTypes.STR},
    )
    def get(self, request: Request, version: int) -> HttpResponse:
        """Take out a version as YAML, as it was applied."""
        self.asker(request)
        return _as_file(_known(version).text, f"policies-{version}.yaml")


class PolicySetDifferencesView(ManagedView):
    """What has changed between two versions, or since one."""

    @extend_schema(
        operation_id="policy_sets_differences",
        tags=["policies"],
        parameters=[DifferencesQuery],
        responses=DifferencesShape,
    )
    def get(self, request: Request, version: int) -> Response:
        """Say what another version, or what is in force, has instead of this one."""
        actor, query = self.asker(request), query_of(DifferencesQuery, request)
        before = _known(version)
        after = _known(query["version"]) if "version" in query else None
        with told_as_problems():
            found = compare_sets(actor=actor, before=before, after=after)
        return Response({"changes": list(found)})


class PolicySetApplyView(ManagedView):
    """An old version, again."""

    @extend_schema(
        operation_id="policy_sets_apply_again",
        tags=["policies"],
        request=SeenBody,
        responses={201: VersionShape, 200: VersionShape},
    )
    def post(self, request: Request, version: int) -> Response:
        """Apply an old version as the next one; where all is so already, answer with 200."""
        actor = self.asker(request)
        body = SeenBody(data=request.data)
        body.is_valid(raise_exception=True)
        _known(version)
        with told_as_problems():
            made = apply_again(actor=actor, version=version, now=clock_now(), **body.validated_data)
        return _applied(made)


def _known(version: int) -> PolicySet:
    found = find_set(version) if version <= LATEST_VERSION else None
    if found is None:
        raise Http404
    return found


def _applied(made: PolicySet | None) -> Response:
    shown = made or policy_sets().defer(None).first()
    return Response(VersionShape(shown).data, status=201 if made else 200)


def _as_file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=f"{YAML}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
