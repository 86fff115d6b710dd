"""The shapes of what is written about resources."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.models.users import check_time_zone
from booking.enums import ResponsibleKind
from booking.forms._moments import EARLIEST_YEAR, LATEST_YEAR
from booking.models import Resource, ResourceType
from booking.models.resources import GRID_CHOICES
from booking.queries.choices import meant_people
from booking.queries.resources import ResourceFilters
from booking.queries.scopes import linkable_resources, offered_types
from labitory.lib.forms import Styled
from labitory.lib.periods import local_midnight

LONGEST_BUFFER = 1440
MOST_SEATS = 200


class ResourceFilterForm(forms.Form):
    """How the address narrows the list; what cannot be read narrows nothing."""

    q = forms.CharField(max_length=100, required=False)
    type = forms.UUIDField(required=False)
    pool = forms.UUIDField(required=False)
    free = forms.BooleanField(required=False)

    @property
    def filters(self) -> ResourceFilters:
        """What was understood."""
        self.is_valid()
        read = self.cleaned_data
        return ResourceFilters(
            word=read.get("q", ""), type_id=read.get("type"), pool_id=read.get("pool")
        )

    @property
    def only_free(self) -> bool:
        """Whether only what is free now is wanted."""
        self.is_valid()
        return bool(self.cleaned_data.get("free"))


class ResourceForm(Styled, forms.Form):
    """All that a lab manager writes about a resource, but for its picture, links and people."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    type = forms.ModelChoiceField(
        ResourceType.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("Type"),
        empty_label=gettext_lazy("Choose a type"),
    )
    location = forms.CharField(label=gettext_lazy("Location"), max_length=120, required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What it is good for, and what to know before booking it."),
    )
    slot_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Time grid"),
        choices=GRID_CHOICES,
        coerce=int,
        initial=15,
        help_text=gettext_lazy("Bookings start and end on this grid."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Seats"),
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
        help_text=gettext_lazy("How many bookings fit at the same time."),
    )
    setup_minutes = forms.IntegerField(
        label=gettext_lazy("Set-up before, in minutes"),
        min_value=0,
        max_value=LONGEST_BUFFER,
        initial=0,
    )
    cleanup_minutes = forms.IntegerField(
        label=gettext_lazy("Clean-up after, in minutes"),
        min_value=0,
        max_value=LONGEST_BUFFER,
        initial=0,
    )
    requires_access = forms.BooleanField(
        label=gettext_lazy("Restricted"),
        required=False,
        help_text=gettext_lazy("Only people with access may book."),
    )
    requires_approval = forms.BooleanField(
        label=gettext_lazy("Needs approval"),
        required=False,
        help_text=gettext_lazy("A booking holds its time and waits for a responsible person."),
    )
    requires_assessment = forms.BooleanField(
        label=gettext_lazy("Needs a risk assessment"),
        required=False,
        help_text=gettext_lazy("Each person's own, approved and not past its review."),
    )
    is_hidden = forms.BooleanField(
        label=gettext_lazy("Hidden"),
        required=False,
        help_text=gettext_lazy("Only people with access find it. It must be restricted too."),
    )
    open_on_holidays = forms.BooleanField(
        label=gettext_lazy("Open on public holidays"), required=False
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        required=False,
        validators=[check_time_zone],
        help_text=gettext_lazy("Empty: the lab's. Its days and opening hours follow this zone."),
    )

    def __init__(
        self, *args: Any, actor: User, resource: Resource | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["type"]
        if isinstance(kind, forms.ModelChoiceField):
            kind.queryset = offered_types(
                viewer=actor,
                code="resource.manage",
                also=resource.resource_type_id if resource else None,
            )
        self.fields["time_zone"].widget.attrs["placeholder"] = settings.LAB_TIME_ZONE


class PictureForm(Styled, forms.Form):
    """A new picture, or none."""

    image = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 5 MB."),
    )
    remove = forms.BooleanField(label=gettext_lazy("Remove the picture"), required=False)

    def clean(self) -> dict[str, Any]:
        """Either a file or the wish to have none."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("image") and not cleaned.get("remove"):
            self.add_error("image", _("Choose a file first."))
        return cleaned


class LinksForm(Styled, forms.Form):
    """Which other resources a booking occupies as well."""

    linked = forms.ModelMultipleChoiceField(
        Resource.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("A booking also occupies"),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy(
            "Such as a shared laser. Ctrl or Cmd and a click choose several, or none."
        ),
    )

    def __init__(self, *args: Any, resource: Resource, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["linked"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = linkable_resources(viewer=actor, resource=resource)


def _people_field(kind: ResponsibleKind) -> forms.CharField:
    return forms.CharField(
        label=kind.label,
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PeopleForm(Styled, forms.Form):
    """Whom to ask: one line of names for each kind of `ResponsibleKind`."""

    primary = _people_field(ResponsibleKind.PRIMARY)
    secondary = _people_field(ResponsibleKind.SECONDARY)
    trainer = _people_field(ResponsibleKind.TRAINER)
    safety = _people_field(ResponsibleKind.SAFETY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: list[tuple[User, str]] = []

    def clean(self) -> dict[str, Any]:
        """Everybody by user name or e-mail address, in one look."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        words = {
            kind: [word.strip() for word in cleaned.get(kind, "").split(",") if word.strip()]
            for kind in ResponsibleKind.values
        }
        found = meant_people([word for typed in words.values() for word in typed])
        for kind, typed in words.items():
            unknown = [word for word in typed if word not in found]
            if unknown:
                text = _("Nobody is known as %(names)s.") % {"names": ", ".join(unknown)}
                self.add_error(kind, text)
            self.people += [(found[word], kind) for word in typed if word in found]
        return cleaned


class AccessForm(Styled, forms.Form):
    """Whom to let in, and up to which day."""

    user = forms.CharField(
        label=gettext_lazy("Person"),
        max_length=254,
        help_text=gettext_lazy("A user name or e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_at = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until it is taken away."),
    )

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resource = resource

    def clean_user(self) -> User:
        """An active person by user name or e-mail address."""
        word = self.cleaned_data["user"]
        found = meant_people([word])
        if not found:
            raise ValidationError(_("Nobody is known as %(names)s.") % {"names": word})
        return found[word]

    def clean_expires_at(self) -> datetime | None:
        """The end of the last day, where the resource is."""
        day: date | None = self.cleaned_data["expires_at"]
        if day is None:
            return None
        if not EARLIEST_YEAR <= day.year < LATEST_YEAR:
            raise ValidationError(_("This year cannot be meant."))
        return local_midnight(day + timedelta(days=1), self.resource.zone)


class CloseForm(Styled, forms.Form):
    """Why a resource is closed."""

    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to see"),
        max_length=Resource._meta.get_field("closed_reason").max_length,
    )
