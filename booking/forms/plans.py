"""What is typed when plans change: a template's name, to whom, against what, and a word with it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.queries.choices import meant_people


class TemplateForm(forms.Form):
    """The name of a template."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)


class AnswerForm(forms.Form):
    """A word with a no."""

    answer = forms.CharField(label=gettext_lazy("A word with it"), max_length=300, required=False)


class OfferForm(forms.Form):
    """To whom a booking is offered."""

    to = forms.CharField(
        label=gettext_lazy("Offer it to"),
        max_length=254,
        help_text=gettext_lazy("A user name or e-mail address."),
    )
    message = forms.CharField(label=gettext_lazy("A word with it"), max_length=300, required=False)

    def clean_to(self) -> User:
        """Somebody with an open account."""
        word: str = self.cleaned_data["to"].strip()
        found = meant_people([word])
        if not found:
            raise ValidationError(_("Nobody is known as %(names)s.") % {"names": word})
        return found[word]


class SwapForm(forms.Form):
    """Which booking is wanted for it."""

    wanted = forms.UUIDField(
        label=gettext_lazy("For"),
        error_messages={
            "required": gettext_lazy("Choose a booking from the list."),
            "invalid": gettext_lazy("Choose a booking from the list."),
        },
    )
    message = forms.CharField(label=gettext_lazy("A word with it"), max_length=300, required=False)
