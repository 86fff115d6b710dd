"""Templates ask who may what, by the same function as everything else."""

from typing import Any

from django import template

from accounts.models import User
from accounts.permissions import Where
from accounts.permissions import may as user_may
from accounts.permissions import places as user_places

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], code: str, where: Where | None = None) -> bool:
    """Whether the reader may do it, there: `{% may "policy.manage" where as may_limit %}`."""
    user = _reader(context)
    return user is not None and user_may(user, code, where)


@register.simple_tag(takes_context=True)
def may_somewhere(context: dict[str, Any], *codes: str) -> bool:
    """Whether the reader may do one of these in any place at all."""
    user = _reader(context)
    return user is not None and any(user_places(user, code) for code in codes)


def _reader(context: dict[str, Any]) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None
