"""How services of accounts say no: fields that do not fit, names that are taken."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from labitory.lib.db import constraint_of

# The name of a constraint: the code, the words and the field of its refusal.
Known = Mapping[str, tuple[str, "str | Promise", str]]


@contextmanager
def naming_what_is_taken(known: Known) -> Iterator[None]:
    """Tell a broken uniqueness by the name of the field."""
    try:
        yield
    except IntegrityError as error:
        if (broken := constraint_of(error)) not in known:
            raise
        code, text, field = known[broken]
        raise AccountRefused(code=code, text=str(text), field=field) from error


def require_fields(row: Model, *, exclude: Iterable[str] = ()) -> None:
    """Refuse what the fields do not allow, naming the first of them."""
    try:
        row.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        code = f"{row._meta.model_name}.invalid"
        raise AccountRefused(code=code, text=texts[0], field=field) from error


def require(allowed: bool, act: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Refuse who may not."""
    if not allowed:
        raise AccountRefused(code=f"permission.{act}", text=_("You may not do this."))
