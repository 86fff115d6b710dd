"""Errors of the programming interface: RFC 9457 members inside the envelope."""

from collections.abc import Sequence
from typing import Any

from django.http import JsonResponse

PROBLEM_TYPE = "/api/v1/docs#"

PROBLEM_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "One thing that is wrong, after RFC 9457, with a stable code.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string", "description": "What kind of problem it is."},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong here, and the way out."},
            "code": {"type": "string", "description": "The rule's or check's stable code."},
            "field": {"type": "string", "description": "The field or parameter it is about."},
            "facts": {"type": "object", "description": "The numbers behind a rule's no."},
            "overridable_by": {"type": "string", "nullable": True},
            "repairs": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Repair"},
                "description": "Legal bookings near the one that was refused.",
            },
        },
    },
    "ProblemEnvelope": {
        "type": "object",
        "required": ["data", "meta", "errors"],
        "properties": {
            "data": {"nullable": True},
            "meta": {"type": "object"},
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": "#/components/schemas/Problem"},
            },
        },
    },
}


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    field: str = "",
    **members: Any,
) -> dict[str, Any]:
    """One problem: type, title, status, detail and code, the field it is about, more members."""
    found: dict[str, Any] = {
        "type": f"{PROBLEM_TYPE}{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
    }
    if field:
        found["field"] = field
    return {**found, **members}


def problem_envelope(problems: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The body of an answer that only says what is wrong."""
    return {"data": None, "meta": {}, "errors": list(problems)}


def problem_response(*, status: int, code: str, title: str) -> JsonResponse:
    """A whole answer with one problem, for what happens outside an endpoint."""
    return JsonResponse(
        problem_envelope([problem(status=status, code=code, title=title)]), status=status
    )
