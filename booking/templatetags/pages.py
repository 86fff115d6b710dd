"""Links that keep the filters of the address."""

from django import template

from booking.views._pages import query_with as changed_query

register = template.Library()


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: object) -> str:
    """The present query with some answers changed: `{% query_with page=2 %}`."""
    return changed_query(context["request"], **changes)
