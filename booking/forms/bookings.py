"""The shape of a booking form: what is typed, before any rule is asked."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.errors import BookingError
from booking.forms._moments import MomentField, MomentsForm
from booking.models import Booking, Resource, ResourcePool
from booking.permissions import can_override_rules, may_somewhere
from booking.queries.choices import meant_people, meant_pool, meant_resources
from labitory.lib.periods import Period

POOL_PREFIX = "pool:"
MOST_TOGETHER = 10
MOST_ATTENDEES = 30
# The services' names for fields that the form calls differently.
_FIELD_OF = {"resource_id": "resource", "pool": "resource", "user_id": "user", "period": "end_time"}


class BookingTextsForm(forms.Form):
    """Purpose, notes and who comes along."""

    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=200, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attendees = forms.CharField(
        label=gettext_lazy("Who comes along"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("User names or e-mail addresses, separated by commas."),
    )
    project = forms.UUIDField(
        label=gettext_lazy("Project"),
        required=False,
        error_messages={"invalid": gettext_lazy("Choose a project from the list, or none.")},
    )

    def clean_attendees(self) -> list[User]:
        """People by user name or e-mail address, each once."""
        words = [word.strip() for word in self.cleaned_data["attendees"].split(",")]
        words = list(dict.fromkeys(word for word in words if word))
        if len(words) > MOST_ATTENDEES:
            raise ValidationError(_("At most %(n)s people can come along.") % {"n": MOST_ATTENDEES})
        found = meant_people(words)
        unknown = [word for word in words if word not in found]
        if unknown:
            raise ValidationError(
                _("Nobody is known as %(names)s.") % {"names": ", ".join(unknown)}
            )
        return list(dict.fromkeys(found.values()))


class BookingForm(MomentsForm, BookingTextsForm):
    """A new booking: one resource, several at once, or any of a pool."""

    resource = forms.CharField(label=gettext_lazy("Instrument"), max_length=60)
    also = forms.Field(
        label=gettext_lazy("At the same time"), required=False, widget=forms.SelectMultiple
    )
    start_time = MomentField(label=gettext_lazy("Start"))
    end_time = MomentField(label=gettext_lazy("End"))
    seats = forms.IntegerField(
        label=gettext_lazy("Seats"), min_value=1, max_value=200, required=False
    )
    user = forms.CharField(
        label=gettext_lazy("Book for"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("A user name or e-mail address; empty books for you."),
    )
    override = forms.CharField(
        label=gettext_lazy("Reason for the exception"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept in the audit log with the rules it overrides."),
    )

    def __init__(
        self, *args: Any, actor: User, known: Mapping[str, Resource] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        # Resources that need no second look-up.
        self.known = known or {}
        self.resources: list[Resource] = []
        self.pool: ResourcePool | None = None
        if not may_somewhere(actor, "booking.book_for_others"):
            del self.fields["user"]
        if not may_somewhere(actor, "booking.override"):
            del self.fields["override"]

    def clean_resource(self) -> str:
        """A short code, a public id, or `pool:` with the id of a pool."""
        word: str = self.cleaned_data["resource"]
        if word.startswith(POOL_PREFIX):
            self.pool = meant_pool(word.removeprefix(POOL_PREFIX))
            known = self.pool is not None
        else:
            found = self._find([word])
            self.resources = list(found.values())
            known = bool(found)
        if not known:
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return word

    def clean_also(self) -> list[Resource]:
        """Further resources for the same time."""
        words = [str(word) for word in self.cleaned_data["also"] or [] if word]
        if len(words) >= MOST_TOGETHER:
            raise ValidationError(
                _("At most %(n)s instruments can be booked at once.") % {"n": MOST_TOGETHER}
            )
        found = self._find(words)
        if len(found) < len(set(words)):
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return list(found.values())

    def _find(self, words: list[str]) -> dict[str, Resource]:
        if all(word in self.known for word in words):
            return {word: self.known[word] for word in words}
        return meant_resources(words)

    def clean_seats(self) -> int:
        """One seat unless more are asked for."""
        return self.cleaned_data["seats"] or 1

    def clean_user(self) -> User:
        """Whom the booking is for."""
        word = self.cleaned_data["user"]
        if not word:
            return self.actor
        found = meant_people([word])
        if not found:
            raise ValidationError(_("Nobody is known as %(names)s.") % {"names": word})
        return found[word]

    def clean(self) -> dict[str, Any]:
        """All chosen resources, each once; a pool stands alone. The rules look at the times."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        also = cleaned.get("also") or []
        if also and self.pool is not None:
            self.add_error("also", _("A pool can only be booked alone."))
        self.resources += [found for found in also if found not in self.resources]
        return cleaned

    @property
    def period(self) -> Period:
        """The typed time of a valid form."""
        return Period(self.cleaned_data["start_time"], self.cleaned_data["end_time"])

    @property
    def may_override(self) -> bool:
        """Whether the rules of all that was chosen may be overridden; of a pool, anywhere."""
        if self.pool is not None:
            return may_somewhere(self.actor, "booking.override")
        return all(can_override_rules(self.actor, resource) for resource in self.resources)

    @property
    def holder(self) -> User:
        """Whom the form is for, as far as that was typed well."""
        user: User = getattr(self, "cleaned_data", {}).get("user") or self.actor
        return user


class RescheduleForm(BookingForm):
    """New times or another resource for a booking that stands."""

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.booking = booking
        for name in ("also", "seats", "user", "purpose", "notes", "attendees", "project"):
            self.fields.pop(name, None)

    def clean_resource(self) -> str:
        """A booking moves to one resource, never to a pool."""
        word = super().clean_resource()
        if self.pool is not None:
            raise ValidationError(_("Choose one instrument."))
        return word

    @property
    def is_moved(self) -> bool:
        """Whether a valid form asks for another time or resource."""
        return (
            self.period != self.booking.period or self.resources[0].pk != self.booking.resource_id
        )


class ReasonForm(forms.Form):
    """A reason, asked for when something is cancelled, approved or rejected."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


def attendee_words(people: Iterable[User]) -> str:
    """People as the form's text."""
    return ", ".join(person.username for person in people)


def show_refusals(form: forms.Form, error: BookingError) -> None:
    """Put each refusal at the field it belongs to; the rest stand above the form."""
    for refusal in error.refusals:
        name = _FIELD_OF.get(refusal.field, refusal.field)
        form.add_error(name if name in form.fields else None, refusal.text)
