"""Choices of the audit app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.IntegerChoices):
    """How much a security event matters; higher is worse."""

    INFO = 1, _("Information")
    NOTICE = 2, _("Notice")
    WARNING = 3, _("Warning")
    CRITICAL = 4, _("Critical")
