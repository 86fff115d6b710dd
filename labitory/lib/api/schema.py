"""The description of the interface: every answer in its envelope, every error named."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

_PROBLEMS = {"$ref": "#/components/schemas/ProblemEnvelope"}
_READING = {
    "400": "A parameter or field is missing, unknown or malformed.",
    "401": "No valid session or token.",
    "403": "Not allowed.",
    "404": "Nothing here, or nothing you may know of.",
    "429": "Too many requests; Retry-After says when.",
}
_WRITING = {
    "409": "Somebody else was faster, or the state of things does not allow it.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "Refused by rules; each problem carries its code and repairs.",
}


class EnvelopeSchema(AutoSchema):
    """Describes answers as they are sent: data, meta and errors."""

    def _get_response_for_code(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - library's
        response = super()._get_response_for_code(*args, **kwargs)  # type: ignore[no-untyped-call]
        for content in response.get("content", {}).values():
            content["schema"] = {
                "type": "object",
                "required": ["data", "meta", "errors"],
                "properties": {
                    "data": content.get("schema", {}),
                    "meta": {"type": "object"},
                    "errors": {"type": "array", "items": {}, "maxItems": 0},
                },
            }
        return response

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - library's
        bodies = super()._get_response_bodies(*args, **kwargs)
        errors = dict(_READING)
        if self.method in ("POST", "PATCH", "PUT", "DELETE"):
            errors |= _WRITING
        for status, words in errors.items():
            content = {"application/json": {"schema": _PROBLEMS}}
            bodies.setdefault(status, {"description": words, "content": content})
        return bodies
