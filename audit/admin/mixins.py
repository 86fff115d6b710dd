"""Auditing for the Django admin: every change leaves a record in the same transaction."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from audit.services.administration import (
    record_added,
    record_changed,
    record_deleted,
    stored_values,
)
from labitory.lib.clock import now

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelAdmin = admin.ModelAdmin


class Message(list[Any]):
    """Django's change message, with the values before and after beside it."""

    changes: dict[str, tuple[Any, Any]]


class AuditedAdmin(AnyModelAdmin):
    """A model admin whose additions, changes and deletions are audited, inlines included.

    The admin saves within a transaction of its own, so record and change stand or fall together.
    """

    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, remembering what the database held before."""
        form.audit_before = stored_values(obj) if change else {}
        super().save_model(request, obj, form, change)

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> list[dict[str, Any]]:
        """Django's message; asked for after saving, so the values are known by now."""
        message = Message(super().construct_change_message(request, form, formsets, add))
        message.changes = {} if add else _own_changes(form)
        for formset in formsets or ():
            message.changes.update(_inline_changes(formset))
        return message

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep the addition, and the inlines that came with it."""
        at = now()
        record_added(actor=request.user, target=obj, now=at)
        changes = getattr(message, "changes", {})
        record_changed(actor=request.user, target=obj, now=at, changes=changes)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep the change."""
        changes = getattr(message, "changes", {})
        record_changed(actor=request.user, target=obj, now=now(), changes=changes)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, keeping what it was."""
        with transaction.atomic():
            record_deleted(actor=request.user, target=obj, now=now())
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete many, keeping what each was; all of them or none."""
        with transaction.atomic():
            for obj in queryset:
                record_deleted(actor=request.user, target=obj, now=now())
            super().delete_queryset(request, queryset)


def _own_changes(form: Any) -> dict[str, tuple[Any, Any]]:
    """What the form changed on the object itself: stored values, and what only the form knows."""
    before = getattr(form, "audit_before", {})
    after = stored_values(form.instance) if before and hasattr(form, "instance") else {}
    changes = {name: (before.get(name), value) for name, value in after.items()}
    for name in form.changed_data:
        if name not in changes:
            changes[name] = (
                _say(form.initial.get(name)),
                _say(form.cleaned_data.get(name)),
            )
    return {name: pair for name, pair in changes.items() if pair[0] != pair[1]}


def _inline_changes(formset: Any) -> dict[str, tuple[Any, Any]]:
    """What an inline added, changed or removed, named after the row it is about."""
    changes: dict[str, tuple[Any, Any]] = {}
    kind = str(formset.model._meta.verbose_name)
    for obj in formset.new_objects:
        changes[f"{kind} {obj.pk}"] = (None, str(obj))
    for obj in formset.deleted_objects:
        changes[f"{kind} {obj.pk or obj}"] = (str(obj), None)
    changed = {obj.pk: fields for obj, fields in formset.changed_objects}
    for form in formset.initial_forms:
        for name in changed.get(form.instance.pk, ()):
            after = form.cleaned_data.get(name)
            changes[f"{kind} {form.instance.pk}: {name}"] = (
                _shown(form, name, form.initial.get(name)),
                _say(after),
            )
    return changes


def _shown(form: "ModelForm[Any]", name: str, value: Any) -> Any:
    """A form's first value in words: a relation's key becomes the other's name."""
    queryset = getattr(form.fields.get(name), "queryset", None)
    if queryset is None or value in (None, ""):
        return _say(value)
    try:
        return str(queryset.get(pk=value))
    except (ObjectDoesNotExist, TypeError, ValueError):
        return str(value)


def _say(value: Any) -> Any:
    """Objects by name; lists of them by their names."""
    if isinstance(value, QuerySet | list | tuple | set):
        return sorted(str(item) for item in value)
    return str(value) if isinstance(value, Model) else value
