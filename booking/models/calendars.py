"""When a resource is open, and every claim on its time."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, IntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.enums import ClaimKind
from booking.models.resources import Resource

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class OpeningHours(models.Model):
    """One interval of a weekday, lab-local. Without a resource it is the lab's default.

    An interval that closes at or before it opens runs into the next day; 00:00 to 00:00 is the
    whole day. A resource with rows of its own ignores the default; where neither exists the
    resource is always open.
    """

    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="opening_hours"
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=WEEKDAYS, validators=[MaxValueValidator(6)]
    )
    opens_at = models.TimeField(_("opens"))
    closes_at = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "weekday", "opens_at"],
                name="openinghours_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="openinghours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A public holiday: the whole lab-local day counts as outside opening hours."""

    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=10)

    class Meta:
        verbose_name = _("public holiday")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["day", "country"], name="holiday_unique")]

    def __str__(self) -> str:
        return f"{self.name} ({self.day})"


class Closure(models.Model):
    """A time in which a resource, or without one the whole lab, is closed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="closures"
    )
    start_time = models.DateTimeField(_("from"))
    end_time = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("closure")
        ordering = ["start_time"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")), name="closure_period"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class ResourceCalendar(models.Model):
    """One claim on a resource's time. Nothing can hold time in another way.

    `units` are the seats it takes: a seat is `[n, n+1)`; a closure or maintenance takes all of
    them as the unbounded range. Set-up and clean-up lie inside `during`. A claim that is given
    back is deleted; its history is the booking's.
    """

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="claims")
    units = IntegerRangeField()
    during = DateTimeRangeField()
    kind = models.PositiveSmallIntegerField(choices=ClaimKind)
    booking = models.ForeignKey(
        "booking.Booking", models.CASCADE, null=True, blank=True, related_name="claims"
    )
    maintenance = models.ForeignKey(
        "booking.MaintenanceRecord", models.CASCADE, null=True, blank=True, related_name="claims"
    )
    closure = models.ForeignKey(
        Closure, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    hold = models.ForeignKey(
        "booking.Hold", models.CASCADE, null=True, blank=True, related_name="claims"
    )
    hold_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        constraints = [
            # The last no. Not deferrable: ON CONFLICT needs it so.
            ExclusionConstraint(
                name="resourcecalendar_no_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("units", RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="resourcecalendar_one_owner",
                condition=models.Q(
                    kind__in=(ClaimKind.BOOKING, ClaimKind.LINKED),
                    booking__isnull=False,
                    maintenance__isnull=True,
                    closure__isnull=True,
                    hold__isnull=True,
                )
                | models.Q(
                    kind=ClaimKind.MAINTENANCE,
                    booking__isnull=True,
                    maintenance__isnull=False,
                    closure__isnull=True,
                    hold__isnull=True,
                )
                | models.Q(
                    kind=ClaimKind.CLOSURE,
                    booking__isnull=True,
                    maintenance__isnull=True,
                    closure__isnull=False,
                    hold__isnull=True,
                )
                | models.Q(
                    kind=ClaimKind.HOLD,
                    booking__isnull=True,
                    maintenance__isnull=True,
                    closure__isnull=True,
                    hold__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="resourcecalendar_hold_expires",
                condition=models.Q(kind=ClaimKind.HOLD, hold_expires_at__isnull=False)
                | (~models.Q(kind=ClaimKind.HOLD) & models.Q(hold_expires_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="resourcecalendar_bounds",
                condition=models.Q(during__isempty=False)
                & models.Q(units__isempty=False)
                & models.Q(during__lower_inc=True)
                & models.Q(during__upper_inc=False),
            ),
        ]
        indexes = [
            # Calendars read bookings from their own table; the few claims that are not the
            # booking itself are found here without touching the many that are.
            GistIndex(
                fields=["resource", "during"],
                name="resourcecalendar_others",
                condition=~models.Q(kind=ClaimKind.BOOKING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.get_kind_display()} {self.during}"
