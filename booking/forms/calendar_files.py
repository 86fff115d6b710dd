"""A calendar file to take over: looked at by size and content, and what its entries become."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PersonField
from labitory.lib.clamd import ScanFailed, scan
from labitory.lib.forms import Styled

LARGEST = 1_000_000
BOOKINGS, CLOSURES = "bookings", "closures"


class CalendarFileForm(Styled, forms.Form):
    """Which file, and whether its entries become bookings of a person or closures."""

    upload = forms.FileField(
        label=gettext_lazy("Calendar file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=gettext_lazy(".ics, at most 1 MB; what is to come within a year is read."),
    )
    becomes = forms.ChoiceField(label=gettext_lazy("Its entries become"))
    user = PersonField(
        label=gettext_lazy("Bookings of"),
        required=False,
        help_text=gettext_lazy("A user name or e-mail address; for bookings."),
    )
    takes_part = forms.BooleanField(
        label=gettext_lazy("Take over what can be, and leave out the rest"), required=False
    )
    override = forms.CharField(
        label=gettext_lazy("Override rules"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("The reason; it lifts what may be lifted, and is kept."),
    )

    def __init__(
        self, *args: Any, may_book: bool, may_close: bool, may_override: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(BOOKINGS, _("Bookings"))] if may_book else []
        choices += [(CLOSURES, _("Closures"))] if may_close else []
        self.fields["becomes"].choices = choices  # type: ignore[attr-defined]
        if not may_book:
            del self.fields["user"]
        if not (may_book and may_override):
            del self.fields["override"]

    def clean_upload(self) -> tuple[str, bytes]:
        """The name and content of a file that is text and clean."""
        upload: UploadedFile[Any] = self.cleaned_data["upload"]
        if (upload.size or 0) > LARGEST:
            raise forms.ValidationError(
                _("The file is larger than 1 MB. Save it in parts, such as some months each.")
            )
        content: bytes = upload.read()
        try:
            is_clean = scan(content)
        except ScanFailed:
            raise forms.ValidationError(
                _("The file could not be looked at for viruses. Please try again later.")
            ) from None
        if not is_clean:
            raise forms.ValidationError(_("The file is not clean."))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is no calendar file (.ics).")) from None
        return str(upload.name or "")[:100], text.encode()

    def clean(self) -> dict[str, Any]:
        """Bookings are somebody's; closures are nobody's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("becomes") == BOOKINGS and "user" not in self.errors:
            if cleaned.get("user") is None:
                self.add_error("user", _("Say whose bookings they are."))
        else:
            cleaned["user"] = None
        return cleaned
