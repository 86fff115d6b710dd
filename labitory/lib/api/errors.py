"""What goes wrong in an endpoint, as problems in an envelope."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from labitory.lib.api.envelope import Enveloped
from labitory.lib.api.problems import problem, problem_envelope
from labitory.lib.http import MISSING

# A small body may hold thousands of wrong things; its answer stays small as well.
MOST_PROBLEMS = 100


class Refused(Exception):
    """A no of the domain, told as problems; adapters translate their errors into it."""

    def __init__(self, problems: list[dict[str, Any]], status: int) -> None:
        super().__init__(status)
        self.problems, self.status = problems, status


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception of an endpoint; None leaves it to Django's 500."""
    if _is_no_to_the_person(error):
        # Which permission, if the endpoint did not say so already: kept by who knows about events.
        asked = context["request"]._request
        setattr(asked, MISSING, getattr(asked, MISSING, None) or str(error))
    if isinstance(error, Refused):
        return Response(Enveloped(problem_envelope(error.problems)), status=error.status)
    if isinstance(error, ObjectDoesNotExist | Http404):
        error = exceptions.NotFound(_("There is nothing at this address."))
    elif isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    if isinstance(error, exceptions.ValidationError):
        problems = list(islice(_problems_of(error.detail, ()), MOST_PROBLEMS))
    else:
        detail = error.detail
        text = str(detail.get("detail", "") if isinstance(detail, dict) else detail)
        code = f"request.{error.default_code}"
        # Some defaults are patterns to be filled: a title says the kind, not the case.
        default = str(error.default_detail)
        title = _("The request does not fit this address.") if "{" in default else default
        problems = [problem(status=error.status_code, code=code, title=title, detail=text)]
    response.data = Enveloped(problem_envelope(problems))
    return response


def _is_no_to_the_person(error: Exception) -> bool:
    denied = isinstance(error, DjangoPermissionDenied | exceptions.PermissionDenied)
    return denied or (isinstance(error, Refused) and error.status == HTTPStatus.FORBIDDEN)


def _problems_of(
    detail: Any,  # noqa: ANN401 - nested as the body is
    path: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            plain = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _problems_of(inner, path if plain else (*path, str(name)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _problems_of(inner, path)
    else:
        yield problem(
            status=400,
            code=f"field.{getattr(detail, 'code', 'invalid')}",
            title=_("A field is missing or wrong."),
            detail=str(detail),
            field=".".join(path),
        )
