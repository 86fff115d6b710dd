"""Resources for tests."""

from typing import Any

from booking.models import Resource, ResourceType


def make_resource(
    name: str, *, resource_type: ResourceType | None = None, **fields: Any
) -> Resource:
    """A resource; without a type it gets one of its own."""
    if resource_type is None:
        resource_type, _made = ResourceType.objects.get_or_create(name="Instrument")
    return Resource.objects.create(name=name, resource_type=resource_type, **fields)
