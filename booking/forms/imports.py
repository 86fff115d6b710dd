"""Files of people to take in: looked at by size and content, kept in the page until confirmed."""

from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from labitory.lib.clamd import ScanFailed, scan
from labitory.lib.forms import Styled

Files = list[tuple[str, bytes]]
MOST_FILES = 4
# They wait in the page for their confirmation; a form may hold no more.
LARGEST = 1_000_000
_SALT = "booking.imports.waiting"
_LASTS = 3600


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to four files of text, together not larger than a megabyte."""

    widget = _Several

    def clean(self, data: Any, initial: Any = None) -> Any:  # noqa: ANN401 - Django's signature
        """The names and contents of the files."""
        uploads = data or [None]
        cleaned = [super(FilesField, self).clean(each) for each in uploads]
        if len(cleaned) > MOST_FILES:
            raise forms.ValidationError(_("No more than %(n)s files.") % {"n": MOST_FILES})
        if sum(each.size or 0 for each in cleaned) > LARGEST:
            raise forms.ValidationError(
                _("Together they are larger than 1 MB: use the command import_people.")
            )
        return [(each.name or "", _text_of(each)) for each in cleaned]


class FilesForm(Styled, forms.Form):
    """Which files."""

    uploads = FilesField(
        label=gettext_lazy("Files"),
        widget=_Several(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy(
            "Units, people, groups, projects: each is told by its header. CSV in UTF-8, at most "
            "1 MB together."
        ),
    )


def seal(files: Files, *, user: User, digest: str, purpose: str) -> str:
    """Files for the page that shows what they would do: for an hour, one person and purpose."""
    told = [(name, content.decode("utf-8-sig")) for name, content in files]
    return signing.dumps(
        {"user": user.pk, "digest": digest, "files": told},
        salt=f"{_SALT}.{purpose}",
        compress=True,
    )


def unseal(text: str, *, user: User, purpose: str) -> tuple[Files, str] | None:
    """The files that this person looked at, and what they saw; None where that is over."""
    try:
        kept = signing.loads(text, salt=f"{_SALT}.{purpose}", max_age=_LASTS)
    except signing.BadSignature:
        return None
    if kept["user"] != user.pk:
        return None
    return [(name, content.encode()) for name, content in kept["files"]], kept["digest"]


def _text_of(upload: "UploadedFile[Any]") -> bytes:
    content: bytes = upload.read()
    try:
        clean = scan(content)
    except ScanFailed:
        raise forms.ValidationError(
            _("The file could not be looked at for viruses. Please try again later.")
        ) from None
    if not clean:
        raise forms.ValidationError(_("The file is not clean."))
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise forms.ValidationError(
            _("%(name)s is not UTF-8: save it as CSV in UTF-8.") % {"name": upload.name}
        ) from None
    if b"\x00" in content:
        raise forms.ValidationError(_("%(name)s is no text.") % {"name": upload.name})
    return content
