"""The words in which people are told, for who writes them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.v1.permissions import needs_permission
from booking.api.v1._answers import asker, query_of, told_as_problems
from booking.models import Wording
from booking.notifications.worded import Worded, worded, worded_kinds
from booking.notifications.wordings import LONGEST, is_worded
from booking.queries.wordings import wordings_of
from booking.services.wordings import CODE, reset_wording, write_wording
from labitory.lib.api.fields import StrictSerializer
from labitory.lib.api.paging import LARGEST_PAGE
from labitory.lib.clock import now as clock_now

LATEST_VERSION = 2**31 - 2
LANGUAGES = [code for code, _name in settings.LANGUAGES]
_FROM = "The version that you began from, 0 for none: refused with 409 where there is a newer one."


class WordingsQuery(StrictSerializer):
    """Which wordings to list."""

    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    changed = serializers.BooleanField(
        required=False, help_text="Only those in the lab's own words, or only the others."
    )
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE)


class WordingBody(StrictSerializer):
    """Words of a kind, with its facts as `%(name)s` and percent signs written twice."""

    subject = serializers.CharField(max_length=LONGEST["subject"])
    text = serializers.CharField(max_length=LONGEST["text"])
    version = serializers.IntegerField(min_value=0, max_value=LATEST_VERSION, help_text=_FROM)


class ResetQuery(StrictSerializer):
    """What was in force when it was decided."""

    version = serializers.IntegerField(min_value=0, max_value=LATEST_VERSION, help_text=_FROM)


class ShippedShape(serializers.Serializer[Any]):
    """The product's own words; `after` always stands below the link."""

    subject = serializers.CharField()
    text = serializers.CharField()
    after = serializers.CharField()


class WordingShape(serializers.Serializer[Any]):
    """How a kind of event is told in one language."""

    kind = serializers.CharField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    version = serializers.IntegerField(help_text="0: nobody ever changed the words.")
    is_own = serializers.BooleanField(help_text="Whether these are the lab's own words.")
    subject = serializers.CharField()
    text = serializers.CharField()
    flaws = serializers.SerializerMethodField(
        help_text="Why the lab's words are not used; empty when they are."
    )
    shipped = ShippedShape()
    facts = serializers.SerializerMethodField(help_text="What the words may name, explained.")

    def get_flaws(self, state: Worded) -> list[str]:
        """In sentences."""
        return [each.text for each in state.flaws]

    def get_facts(self, state: Worded) -> dict[str, str]:
        """By name."""
        return {name: str(fact.meaning) for name, fact in state.facts.items()}


class WordingsView(GenericAPIView[Wording]):
    """The words of all kinds."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))
    serializer_class = WordingShape
    queryset = Wording.objects.none()

    @extend_schema(operation_id="wordings_list", tags=["wordings"], parameters=[WordingsQuery])
    def get(self, request: Request) -> Response:
        """List how each kind is told in each language."""
        query = query_of(WordingsQuery, request)
        kinds = list(worded_kinds())
        found = wordings_of(kinds)
        states = [
            state
            for kind in kinds
            for language in ([query["language"]] if "language" in query else LANGUAGES)
            if _is_asked(state := worded(kind, language, found), query)
        ]
        page = self.paginate_queryset(states)
        return self.get_paginated_response(WordingShape(page or [], many=True).data)


class WordingView(APIView):
    """The words of one kind in one language."""

    permission_classes = (IsAuthenticated, needs_permission(CODE))

    @extend_schema(operation_id="wordings_read", tags=["wordings"], responses=WordingShape)
    def get(self, _request: Request, kind: str, language: str) -> Response:
        """Read how a kind is told in a language, and what its words may name."""
        return Response(_out(kind, language))

    @extend_schema(
        operation_id="wordings_write",
        tags=["wordings"],
        request=WordingBody,
        responses=WordingShape,
    )
    def put(self, request: Request, kind: str, language: str) -> Response:
        """Say a kind in words of your own from now on: the next version."""
        _require(kind, language)
        body = WordingBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        with told_as_problems():
            write_wording(
                actor=asker(request),
                kind=kind,
                language=language,
                subject=said["subject"],
                text=said["text"],
                seen=said["version"],
                now=clock_now(),
            )
        return Response(_out(kind, language))

    @extend_schema(
        operation_id="wordings_reset",
        tags=["wordings"],
        parameters=[ResetQuery],
        responses=WordingShape,
    )
    def delete(self, request: Request, kind: str, language: str) -> Response:
        """Give a kind the product's words back; its versions stay."""
        _require(kind, language)
        seen = query_of(ResetQuery, request)["version"]
        with told_as_problems():
            reset_wording(
                actor=asker(request), kind=kind, language=language, seen=seen, now=clock_now()
            )
        return Response(_out(kind, language))


def _is_asked(state: Worded, query: Mapping[str, Any]) -> bool:
    return "changed" not in query or query["changed"] == state.is_own


def _require(kind: str, language: str) -> None:
    if not is_worded(kind) or language not in LANGUAGES:
        raise Http404


def _out(kind: str, language: str) -> dict[str, Any]:
    _require(kind, language)
    return dict(WordingShape(worded(kind, language, wordings_of([kind]))).data)
