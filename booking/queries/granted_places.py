"""Types and resources as places that roles are granted for."""

from collections.abc import Collection, Mapping

from accounts.enums import ScopeKind
from accounts.permissions import Scope, Where, declare_scope
from accounts.permissions.scopes import MOST_OFFERED
from booking.models import Resource, ResourceType
from booking.permissions import where_of


def _type(key: int) -> Where | None:
    return Where(type_id=key) if ResourceType.objects.filter(pk=key).exists() else None


def _type_names(keys: Collection[int]) -> Mapping[int, str]:
    return dict(ResourceType.objects.filter(pk__in=keys).values_list("pk", "name"))


def _types() -> list[tuple[int, str, Where]]:
    rows = ResourceType.objects.order_by("name").values_list("pk", "name")[:MOST_OFFERED]
    return [(pk, name, Where(type_id=pk)) for pk, name in rows]


def _resource(key: int) -> Where | None:
    found = Resource.objects.filter(pk=key).first()
    return where_of(found) if found else None


def _resource_names(keys: Collection[int]) -> Mapping[int, str]:
    return dict(Resource.objects.filter(pk__in=keys).values_list("pk", "name"))


def _resources() -> list[tuple[int, str, Where]]:
    found = Resource.objects.only("pk", "name", "resource_type_id", "unit_id").order_by("name")
    return [(each.pk, each.name, where_of(each)) for each in found[:MOST_OFFERED]]


declare_scope(ScopeKind.TYPE, Scope(where=_type, names=_type_names, offered=_types))
declare_scope(ScopeKind.RESOURCE, Scope(where=_resource, names=_resource_names, offered=_resources))
