"""Handing out files to those who may read them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from booking.queries.attachments import readable_attachments
from booking.views._pages import reader


@login_required
@require_safe
def attachment(request: HttpRequest, public_id: UUID) -> FileResponse:
    """A file to save; who may not read it learns nothing of it."""
    found = get_object_or_404(readable_attachments(reader(request)), public_id=public_id)
    answer = FileResponse(
        found.file.open(), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
