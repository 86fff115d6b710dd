"""What is asked at the instruments."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.v1._answers import asker, told_as_problems
from booking.api.v1._check_in_shapes import QuestionShape, QuestionWish, question_out
from booking.models import Question, Resource
from booking.queries.questions import asked_questions, find_question
from booking.queries.resources import resource_page
from booking.services.questions import QuestionDetails, add_question, change_question
from labitory.lib.clock import now as clock_now


class QuestionsView(APIView):
    """The questions of one resource."""

    @extend_schema(
        operation_id="questions_list",
        tags=["check-ins"],
        responses=QuestionShape(many=True),
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """What is asked now on checking in and out, in its order; those of its type first."""
        resource = _seen(request, public_id)
        return Response([question_out(each) for each in asked_questions(resource)])

    @extend_schema(
        operation_id="questions_create",
        tags=["check-ins"],
        request=QuestionWish,
        responses={201: QuestionShape},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Ask one thing more at a resource that you look after."""
        resource = _seen(request, public_id)
        with told_as_problems():
            question = add_question(
                actor=asker(request),
                resource=resource,
                details=_details(request),
                now=clock_now(),
            )
        return Response(question_out(question), status=status.HTTP_201_CREATED)


class QuestionView(APIView):
    """One question."""

    @extend_schema(
        operation_id="questions_change",
        tags=["check-ins"],
        request=QuestionWish,
        responses=QuestionShape,
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Ask it in other words, or no longer; what was answered keeps the words of its time."""
        known = find_question(public_id)
        if known is None:
            raise Http404
        with told_as_problems():
            question = change_question(
                actor=asker(request),
                question_id=public_id,
                details=_details(request, known),
                now=clock_now(),
            )
        return Response(question_out(question))


def _details(request: Request, known: Question | None = None) -> QuestionDetails:
    """What was sent, over what is known of the question."""
    wish = QuestionWish(data=request.data, partial=known is not None)
    wish.is_valid(raise_exception=True)
    names = QuestionDetails.__dataclass_fields__
    before = {} if known is None else {name: getattr(known, name) for name in names}
    asked: dict[str, Any] = {**before, **wish.validated_data}
    return QuestionDetails(**{**asked, "choices": tuple(asked.get("choices", ()))})


def _seen(request: Request, public_id: UUID) -> Resource:
    page = resource_page(viewer=asker(request), public_id=public_id, now=clock_now())
    if page is None:
        raise Http404
    return page.resource
