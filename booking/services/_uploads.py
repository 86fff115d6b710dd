"""Files that people hand in: looked at by their content, whatever their names say."""

import io
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from booking.errors import ActionRefused
from booking.models import Attachment
from labitory.lib.clamd import ScanFailed, scan

LARGEST_IMAGE = 5 * 1024 * 1024
LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
WIDEST = 1600
_PDF_START, _PDF_END = b"%PDF-", b"%%EOF"
# How far from its end a PDF may carry its end mark.
_PDF_TAIL = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What was looked at and may be kept."""

    name: str
    content_type: str
    content: bytes


def check_file(*, content: bytes, name: str, field: str, picture: bool = False) -> CheckedFile:
    """Look at what somebody hands in: a PDF of at most 10 MB, or a picture of at most 5 MB.

    Pictures are drawn anew, so that nothing hidden comes with them; with `picture` nothing else is
    taken. Outside of any transaction: the scanner may take its time. Raises `ActionRefused` (422,
    503) at `field`.
    """
    if not picture and content.startswith(_PDF_START):
        kept, kind, ending = _checked_pdf(content, field), "application/pdf", ".pdf"
    else:
        kept, kind, ending = redraw(content, field=field, pdf=not picture), "image/jpeg", ".jpg"
    stem = PurePath(name).stem[:100] or _("file")
    return CheckedFile(name=f"{stem}{ending}", content_type=kind, content=kept)


def keep_file(*, actor: User, checked: CheckedFile, now: datetime) -> Attachment:
    """Keep a file that was looked at, inside the caller's transaction."""
    attachment = Attachment(
        name=checked.name,
        content_type=checked.content_type,
        size=len(checked.content),
        uploaded_by=actor,
        uploaded_at=now,
    )
    ending = PurePath(checked.name).suffix
    stored = f"{secrets.token_urlsafe(16)}{ending}"
    attachment.file.save(stored, ContentFile(checked.content), save=False)
    attachment.save()
    return attachment


def redraw(content: bytes, *, field: str, pdf: bool = False) -> bytes:
    """A plain JPEG of what the picture shows; whatever else the file carried stays behind."""
    refused = ActionRefused(
        code="image.unreadable",
        text=_(
            "This is no PDF, and no picture of at most 5 MB in JPEG, PNG or WebP: choose another "
            "file."
        )
        if pdf
        else _("This is no picture of at most 5 MB in JPEG, PNG or WebP: choose another file."),
        field=field,
        status=422,
    )
    if len(content) > LARGEST_IMAGE:
        raise refused
    _require_clean(content, field)
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise refused
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((WIDEST, WIDEST))
            plain = io.BytesIO()
            upright.save(plain, "JPEG", quality=85)
            return plain.getvalue()
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise refused from error


def _checked_pdf(content: bytes, field: str) -> bytes:
    whole = len(content) <= LARGEST_FILE and _PDF_END in content[-_PDF_TAIL:]
    if whole:
        _require_clean(content, field)
        return content
    raise ActionRefused(
        code="file.unreadable",
        text=_("This is no complete PDF of at most 10 MB: choose another file."),
        field=field,
        status=422,
    )


def _require_clean(content: bytes, field: str) -> None:
    """Let in what the scanner finds clean; where one is configured and away, nothing."""
    try:
        clean = scan(content)
    except ScanFailed as error:
        raise ActionRefused(
            code="upload.not_scanned",
            text=_("Uploads cannot be checked for viruses right now. Try again later."),
            field=field,
            status=503,
        ) from error
    if not clean:
        raise ActionRefused(
            code="upload.harmful",
            text=_("This file was found harmful by the virus scanner: it is not taken."),
            field=field,
            status=422,
        )
