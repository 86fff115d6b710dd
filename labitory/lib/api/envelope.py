"""One shape for every answer: data, meta and errors."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class Enveloped(dict[str, Any]):
    """A body that is an envelope already: a page of a list, or problems."""


class EnvelopeRenderer(JSONRenderer):
    """JSON with every plain answer put in the envelope; an answer without a body stays empty."""

    charset = "utf-8"

    def render(
        self,
        data: Any,  # noqa: ANN401 - whatever an endpoint answers
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the answer."""
        if data is None:
            return b""
        if not isinstance(data, Enveloped):
            data = {"data": data, "meta": {}, "errors": []}
        rendered: bytes = super().render(data, accepted_media_type, renderer_context)
        return rendered
