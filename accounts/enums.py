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


class UnitKind(models.TextChoices):
    """The levels of the organisation, each within the one before."""

    FACULTY = "faculty", _("Faculty")
    COLLEGE = "college", _("College")
    DEPARTMENT = "department", _("Department")


class RequestStatus(models.TextChoices):
    """How far a request came."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RegistrationStatus(models.TextChoices):
    """How far a registration came."""

    UNVERIFIED = "unverified", _("Address not confirmed")
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class ScopeKind(models.TextChoices):
    """Where a granted role counts."""

    EVERYWHERE = "everywhere", _("Everywhere")
    UNIT = "unit", _("In an organisation unit")
    TYPE = "type", _("For a resource type")
    RESOURCE = "resource", _("For a resource")


class DataKind(models.TextChoices):
    """Kinds of personal data that are kept for a time."""

    SECURITY_EVENTS = "security_events", _("Security events")
    DATA_ACCESS = "data_access", _("Who looked at personal data")
    NOTICES = "notices", _("Notices and mails")
    DEMAND = "demand", _("Refused bookings and fruitless searches")
    CLOSED_ACCOUNTS = "closed_accounts", _("Accounts of people who left")
    REGISTRATIONS = "registrations", _("Registrations that came to nothing")


class PrivacyRequestKind(models.TextChoices):
    """What a person may ask for."""

    COPY = "copy", _("Copy of my data")
    ERASURE = "erasure", _("Erasure")
