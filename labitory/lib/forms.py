"""Forms whose fields carry the classes of the design system."""

from typing import Any

from django import forms


class Styled:
    """Mix into a form: each widget gets its class, so templates write `{{ field }}`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in getattr(self, "fields", {}).values():
            field.widget.attrs.setdefault("class", class_of(field.widget))


def class_of(widget: forms.Widget) -> str:
    """The class of the design system for a widget."""
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
