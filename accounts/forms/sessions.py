"""A form that came too late: what of it may wait until its person is back."""

from typing import Any

from django.http import HttpRequest

# Never kept, wherever it stands in a field's name.
_SECRETS = ("password", "secret", "token")
# What waits lies in the database, in the session of a visitor: no more than a form full of text.
_LARGEST = 32_768


def kept_fields(request: HttpRequest) -> dict[str, Any] | None:
    """Address and fields of a form that was sent; None where it holds files or too much.

    Passwords, codes and the form's own protection are left out.
    """
    if request.content_type == "multipart/form-data" and request.FILES:
        return None
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if name != "code" and not any(word in name.lower() for word in _SECRETS)
        for value in values
        if isinstance(value, str)
    ]
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or size > _LARGEST:
        return None
    return {"path": request.get_full_path(), "fields": fields}
