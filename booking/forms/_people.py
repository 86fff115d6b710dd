"""Naming people: user names or e-mail addresses."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.queries.choices import meant_people

MOST_NAMED = 50


class PeopleField(forms.CharField):
    """Several active people, separated by commas; gives each once."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", gettext_lazy("User names or e-mail addresses, separated by commas.")
        )
        super().__init__(max_length=2000, **kwargs)

    def clean(self, value: Any) -> list[User]:  # noqa: ANN401 - Django's signature
        """The people of the words."""
        typed = (word.strip() for word in super().clean(value).split(","))
        words = list(dict.fromkeys(word for word in typed if word))
        if len(words) > MOST_NAMED:
            raise ValidationError(_("At most %(n)s people can be named.") % {"n": MOST_NAMED})
        found = meant_people(words)
        unknown = [word for word in words if word not in found]
        if unknown:
            raise ValidationError(
                _("Nobody is known as %(names)s.") % {"names": ", ".join(unknown)}
            )
        return list(dict.fromkeys(found[word] for word in words))
