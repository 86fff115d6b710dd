"""Allowances that people, groups or projects share, and the ledger of what became of them."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import Project, ResearchGroup
from booking.enums import EntryKind, Measure, QuotaHolder, QuotaPeriod
from booking.models.bookings import Booking
from booking.models.resources import Resource, ResourcePool, ResourceType


class Quota(models.Model):
    """So much time, so many bookings or so much money in a period, on which resources, for whom."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    measure = models.CharField(_("counts"), max_length=8, choices=Measure, default=Measure.MINUTES)
    amount = models.DecimalField(
        _("amount"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("Minutes, bookings, or money, for one period."),
    )
    period = models.CharField(
        _("for each"), max_length=8, choices=QuotaPeriod, default=QuotaPeriod.MONTH
    )
    rolling_days = models.PositiveSmallIntegerField(
        _("days, when rolling"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )
    # On what: at most one of these; none of them is everything.
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    pool = models.ForeignKey(
        ResourcePool, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    # For whom: who shares one account, and to whom it is narrowed.
    holder = models.CharField(
        _("shared by"), max_length=8, choices=QuotaHolder, default=QuotaHolder.USER
    )
    role = models.CharField(_("for the role"), max_length=20, choices=Role, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    group = models.ForeignKey(
        ResearchGroup, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    carry_percent = models.PositiveSmallIntegerField(
        _("carried over, percent of what is left"), default=0, validators=[MaxValueValidator(100)]
    )
    overdraft = models.DecimalField(
        _("overdraft with approval"),
        max_digits=12,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    grab_hours = models.PositiveSmallIntegerField(
        _("free of quota within hours of the start"),
        null=True,
        blank=True,
        help_text=_("Time that is still free so shortly before counts for nobody."),
    )
    counts_no_shows = models.BooleanField(
        _("missed bookings count"),
        default=True,
        db_default=True,
        help_text=_("When nobody comes, what was booked is used up."),
    )
    is_active = models.BooleanField(_("in force"), default=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("quota")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="quota_one_scope",
                condition=models.Q(resource__isnull=True, resource_type__isnull=True)
                | models.Q(resource__isnull=True, pool__isnull=True)
                | models.Q(resource_type__isnull=True, pool__isnull=True),
            ),
            models.CheckConstraint(
                name="quota_rolling_days",
                condition=models.Q(period=QuotaPeriod.ROLLING, rolling_days__gte=1)
                | (~models.Q(period=QuotaPeriod.ROLLING) & models.Q(rolling_days__isnull=True)),
            ),
            models.CheckConstraint(
                name="quota_amounts",
                condition=models.Q(amount__gte=0, overdraft__gte=0, carry_percent__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuotaAccount(models.Model):
    """What one holder has reserved and used of a quota in one period.

    The period begins on the lab-local day `starts_on`; of a rolling quota each day has its own
    account and the last `rolling_days` of them are added up. Its numbers are the sums of its
    entries.
    """

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="accounts", db_index=False)
    # The key of the person, group or project that shares it.
    holder_id = models.PositiveBigIntegerField()
    starts_on = models.DateField()
    carried = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    reserved = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    used = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    # When what was left of the period before was carried here; null: not yet, or nothing ever is.
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("quota account")
        ordering = ["quota", "holder_id", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota", "holder_id", "starts_on"], name="quotaaccount_unique"
            ),
            models.CheckConstraint(
                name="quotaaccount_not_negative",
                condition=models.Q(reserved__gte=0, used__gte=0, carried__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quota} {self.starts_on}"


class QuotaEntry(models.Model):
    """One movement on an account, kept for ever."""

    account = models.ForeignKey(QuotaAccount, models.PROTECT, related_name="entries")
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, related_name="quota_entries"
    )
    kind = models.CharField(max_length=8, choices=EntryKind)
    # What the movement adds to each column of the account; signed.
    carried = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    reserved = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    used = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("quota entry")
        verbose_name_plural = _("quota entries")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account}"
