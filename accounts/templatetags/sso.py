"""The ways in elsewhere, for the templates."""

from typing import Any

from django import template
from django.conf import settings

from accounts.queries.sso import buttons

register = template.Library()


@register.inclusion_tag("accounts/sso/_buttons.html", takes_context=True)
def sso_buttons(context: dict[str, Any]) -> dict[str, Any]:
    """A button for each provider, on the login page."""
    return {
        "providers": buttons(),
        "next": context.get("next", ""),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def has_sso() -> bool:
    """Whether there is any other way in than accounts of our own."""
    return bool(settings.SSO.is_used)


@register.simple_tag
def is_sso_only() -> bool:
    """Whether accounts of our own are switched off."""
    return bool(settings.SSO.only)


@register.simple_tag
def asks_password() -> bool:
    """Whether names and passwords are for everybody: not under SSO_ONLY without a directory."""
    return not settings.SSO.only or settings.SSO.directory is not None
