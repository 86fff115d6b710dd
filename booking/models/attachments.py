"""Files that people hand in: evidence, assessments, photos of faults."""

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Where such files lie: never below what the web server hands out by itself."""
    return storages["private"]


class Attachment(models.Model):
    """One file, checked by its content; who may read what it belongs to may read it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to="attachments/%Y/%m/", storage=private_storage)
    name = models.CharField(_("name"), max_length=150)
    content_type = models.CharField(max_length=100, editable=False)
    size = models.PositiveIntegerField(editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file")
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.name
