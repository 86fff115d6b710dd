"""A form that was sent after its session had ended: kept over the log-in, then sent again."""

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

LONGEST = 50_000
_SALT = "accounts.kept-form"
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """Where the form goes, and what was typed into it."""

    path: str
    fields: tuple[tuple[str, str], ...]


def keep_form(request: HttpRequest) -> str:
    """The posted form as a signed word, or '' when it is no form of ours or cannot be kept.

    Passwords are never kept, nor are files.
    """
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != _TOKEN and "password" not in name
    ]
    is_long = sum(len(name) + len(value) for name, value in fields) > LONGEST
    if _TOKEN not in request.POST or request.FILES or is_long:
        return ""
    return signing.dumps({"path": request.path, "fields": fields}, salt=_SALT, compress=True)


def kept_form(word: str) -> KeptForm | None:
    """The form behind the signed word; None when it is not ours or older than an hour."""
    try:
        found = signing.loads(word, salt=_SALT, max_age=_HOUR)
    except signing.BadSignature:
        return None
    return KeptForm(path=found["path"], fields=tuple(map(tuple, found["fields"])))
