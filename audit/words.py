"""Kinds of objects, their fields and values in the reader's words."""

from datetime import datetime

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from labitory.lib.formats import say_moment

_LONGEST = 80


def kind_label(object_type: str) -> str:
    """'booking.booking' as 'booking'; a kind that is gone keeps its name."""
    model = _model(object_type)
    return str(model._meta.verbose_name) if model else object_type


def kinds() -> list[tuple[str, str]]:
    """Every kind of object the records may be about, by label."""
    own = ("accounts", "analytics", "audit", "booking")
    found = (model for model in apps.get_models() if model._meta.app_label in own)
    labelled = ((model._meta.label_lower, str(model._meta.verbose_name)) for model in found)
    return sorted(labelled, key=lambda kind: kind[1].lower())


def field_label(object_type: str, name: str) -> str:
    """A field as people call it."""
    field = _field(object_type, name)
    return str(field.verbose_name) if field else name.replace("_", " ")


def say_value(object_type: str, name: str, value: object) -> str:
    """A recorded value in words: choices by their label, moments in the reader's zone."""
    if value in (None, "", []):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field = _field(object_type, name)
    if field is not None and field.choices and isinstance(value, str | int):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return Truncator(", ".join(str(item) for item in value)).chars(_LONGEST)
    return Truncator(_moment(value) or str(value)).chars(_LONGEST)


def _moment(value: object) -> str:
    if not isinstance(value, str) or "T" not in value:
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return say_moment(moment) if moment.tzinfo else ""


def _model(object_type: str) -> type[Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(object_type: str, name: str) -> "Field[object, object] | None":
    model = _model(object_type)
    try:
        found = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None
