"""Choices of the accounts app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in the lab. Held by the system; nobody sets their own."""

    STUDENT = "student", _("Student")
    RESEARCHER = "researcher", _("Researcher")
    ACADEMIC = "academic", _("Academic")
    LAB_MANAGER = "lab_manager", _("Lab manager")
    SYSADMIN = "sysadmin", _("System administrator")

    @property
    def rank(self) -> int:
        """Higher ranks may do all that lower ones may."""
        return list(Role).index(self)


class Theme(models.TextChoices):
    """The colours of the pages."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class DateFormat(models.TextChoices):
    """How dates are written; the values are Django date formats."""

    ISO = "Y-m-d", _("2026-03-31")
    DAY_FIRST = "d.m.Y", _("31.03.2026")
    SLASHED = "d/m/Y", _("31/03/2026")
    MONTH_FIRST = "m/d/Y", _("03/31/2026")
    WORDS = "j M Y", _("31 Mar 2026")


class TimeFormat(models.TextChoices):
    """How times of day are written; the values are Django time formats."""

    HOURS_24 = "H:i", _("14:30")
    HOURS_12 = "g:i A", _("2:30 PM")
