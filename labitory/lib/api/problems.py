"""Errors of the programming interface: RFC 9457 members inside the envelope."""

from typing import Any

from django.http import JsonResponse

PROBLEM_TYPE = "/api/v1/docs#"


def problem(
    *, status: int, code: str, title: str, field: str | None = None, **members: Any
) -> dict[str, Any]:
    """One problem: type, title, status and code, the field it is about, and further members."""
    found: dict[str, Any] = {
        "type": f"{PROBLEM_TYPE}{code}",
        "title": title,
        "status": status,
        "code": code,
    }
    if field is not None:
        found["field"] = field
    return {**found, **members}


def problem_response(*, status: int, code: str, title: str) -> JsonResponse:
    """A whole answer with one problem, for what happens outside an endpoint."""
    body = {"data": None, "meta": {}, "errors": [problem(status=status, code=code, title=title)]}
    return JsonResponse(body, status=status)
