"""Pages of lists, without counting what nobody asked to count."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from labitory.lib.api.envelope import Enveloped

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.views import APIView

LARGEST_PAGE = 200
USUAL_PAGE = 50
LAST_PAGE = 10_000


class PageQuery(serializers.Serializer[Any]):
    """Which page of a list, and how much of it."""

    page = serializers.IntegerField(min_value=1, max_value=LAST_PAGE, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=USUAL_PAGE)


class Pages(BasePagination):
    """`page` and `page_size` (50, at most 200); `meta` names the pages around this one.

    There is no total: counting a million rows costs more than reading fifty.
    """

    def paginate_queryset(
        self,
        queryset: "QuerySet[Any] | Sequence[Any]",
        request: Request,
        view: "APIView | None" = None,
    ) -> list[Any]:
        """The rows of the asked page."""
        asked = {
            name: request.query_params[name]
            for name in ("page", "page_size")
            if name in request.query_params
        }
        query = PageQuery(data=asked)
        if not query.is_valid():
            raise ValidationError(query.errors)
        self.request = request
        self.page, self.size = query.validated_data["page"], query.validated_data["page_size"]
        first = (self.page - 1) * self.size
        rows = list(queryset[first : first + self.size + 1])
        self.has_next = len(rows) > self.size
        return rows[: self.size]

    def get_paginated_response(self, data: Iterable[Any]) -> Response:
        """The page in its envelope."""
        meta = {
            "page": self.page,
            "page_size": self.size,
            "next": self._address(self.page + 1) if self.has_next else None,
            "previous": self._address(self.page - 1) if self.page > 1 else None,
        }
        return Response(Enveloped(data=data, meta=meta, errors=[]))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A page is a plain list; the envelope is put around it with every answer."""
        return schema

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        """`page` and `page_size`."""
        bounds = {"page": (LAST_PAGE, 1), "page_size": (LARGEST_PAGE, USUAL_PAGE)}
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": top, "default": usual},
            }
            for name, (top, usual) in bounds.items()
        ]

    def _address(self, page: int) -> str:
        query = self.request.query_params.copy()
        query["page"] = str(page)
        return f"{self.request.path}?{query.urlencode()}"
