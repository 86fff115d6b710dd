"""Reading request bodies without surprises."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser


class TooLarge(APIException):
    """The body is longer than any honest request."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"A request may have at most {settings.API_LARGEST_BODY} bytes."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """UTF-8 JSON of bounded size, without NaN and without a name that comes twice."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the client sent
        """The parsed body, or 400 with where it goes wrong."""
        body = stream.read(settings.API_LARGEST_BODY + 1)
        if len(body) > settings.API_LARGEST_BODY:
            raise TooLarge
        try:
            text = body.decode("utf-8")
            found = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
            if "\\ud" in text.lower():
                # Half a pair of surrogates is no text: no answer and no database could hold it.
                json.dumps(found, ensure_ascii=False).encode("utf-8")
            return found
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from error


class StrictFormParser(MultiPartParser):
    """A form with a file, of bounded size, without a name that comes twice."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """The fields and files, 400 with what is wrong, or 413 before anything is read."""
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "")
        if not length.isdecimal() or int(length) > settings.API_LARGEST_UPLOAD:
            raise TooLarge(f"A request may have at most {settings.API_LARGEST_UPLOAD} bytes.")
        found = super().parse(stream, media_type, parser_context)
        names = [*found.data.lists(), *found.files.lists()]
        if len(dict(names)) < len(names) or any(len(values) > 1 for _name, values in names):
            raise ParseError("A name comes twice in the form.")
        return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice in one object")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")
