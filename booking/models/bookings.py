"""Bookings, each step of their life, and who takes part."""

import uuid
from datetime import UTC

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from booking.enums import DEAD, LIVE, OPEN, Status
from booking.models.resources import Resource
from labitory.lib.periods import Period


class Booking(models.Model):
    """One resource for one person from `start_time` up to `end_time`.

    Bookings made together share a `group_id`. `created_by` is who asked, `user` is for whom.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="bookings", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    start_time = models.DateTimeField(_("start"))
    end_time = models.DateTimeField(_("end"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.CONFIRMED, editable=False
    )
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    # The buffers in force when the time was claimed: changing the resource moves no claim.
    setup_minutes = models.PositiveSmallIntegerField(default=0, editable=False)
    cleanup_minutes = models.PositiveSmallIntegerField(default=0, editable=False)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("project"),
        help_text=_("What the work is charged to."),
    )
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    group_id = models.UUIDField(null=True, editable=False)
    series = models.ForeignKey(
        "booking.BookingSeries",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="bookings",
        db_index=False,
    )
    # The start that the series' rule gave it, wherever it was moved to since (RECURRENCE-ID).
    occurs_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Rises with every change that a calendar program must hear of (iCalendar SEQUENCE).
    sequence = models.PositiveIntegerField(default=0, editable=False)
    is_late_cancellation = models.BooleanField(default=False, editable=False)
    # Whether any quota's ledger has lines of it: what has none costs no look there.
    is_counted = models.BooleanField(default=False, db_default=False, editable=False)
    # What it is estimated to cost in the lab's currency; null: it had no price when it was made.
    cost = models.DecimalField(
        _("estimated cost"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    # What the client called this request, so that sending it twice books once.
    request_key = models.CharField(max_length=100, blank=True, editable=False)
    request_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("booking")
        ordering = ["start_time"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")), name="booking_period"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="booking_status_known"
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="booking_seats"),
            models.UniqueConstraint(
                fields=["created_by", "request_key", "resource"],
                condition=~models.Q(request_key=""),
                name="booking_request_once",
            ),
            models.UniqueConstraint(
                fields=["series", "occurs_at"],
                name="booking_occurs_once",
                condition=models.Q(series__isnull=False),
            ),
        ]
        indexes = [
            # Calendars: the resource's live bookings by start, bounded to a week before.
            models.Index(
                fields=["resource", "start_time"],
                name="booking_resource_start",
                condition=models.Q(status__in=LIVE),
            ),
            # All others of a resource, for who is responsible for it.
            models.Index(
                fields=["resource"],
                name="booking_resource_rest",
                condition=models.Q(status__in=DEAD),
            ),
            # Limits and 'my bookings': one person's bookings by time.
            models.Index(fields=["user", "start_time"], name="booking_user_start"),
            # The tidying task: open bookings whose time is over.
            models.Index(
                fields=["end_time"], name="booking_open_end", condition=models.Q(status__in=OPEN)
            ),
            models.Index(
                fields=["group_id"],
                name="booking_group",
                condition=models.Q(group_id__isnull=False),
            ),
            # Everybody's bookings page by page, and all of one day.
            models.Index(fields=["start_time", "id"], name="booking_start"),
            # What waits for an answer, counted on every page of who decides: few of all.
            models.Index(
                fields=["start_time"],
                name="booking_pending",
                condition=models.Q(status=Status.PENDING),
            ),
            # What somebody booked for others: few of all.
            models.Index(
                fields=["created_by"],
                name="booking_for_others",
                condition=~models.Q(created_by=models.F("user")),
            ),
            # Late cancellations by their time: few of all.
            models.Index(
                fields=["start_time"],
                name="booking_late",
                condition=models.Q(is_late_cancellation=True),
            ),
            # Month reports over millions of rows: tiny, and faster than a btree there.
            BrinIndex(fields=["start_time"], name="booking_start_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.start_time:%Y-%m-%d %H:%M}"

    @property
    def period(self) -> Period:
        """The booked time without buffers."""
        return Period(self.start_time, self.end_time)

    @property
    def charged_to(self) -> uuid.UUID | None:
        """The public id of its project, if it has one."""
        return self.project.public_id if self.project else None

    @property
    def is_open(self) -> bool:
        """Whether it can still be moved or cancelled."""
        return self.status in OPEN

    @property
    def version(self) -> str:
        """Another one after each change: who asks for a change says which one they saw."""
        return f"{self.sequence}-{self.updated_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


class BookingStatus(models.Model):
    """One step in a booking's life, kept for ever."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="steps")
    from_status = models.CharField(max_length=12, choices=Status, blank=True)
    to_status = models.CharField(max_length=12, choices=Status)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("booking step")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_status or '–'} > {self.to_status}"


class BookingAttendee(models.Model):
    """Somebody who comes along."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="attendees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attendances")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("attendee")
        constraints = [
            models.UniqueConstraint(fields=["booking", "user"], name="bookingattendee_unique")
        ]

    def __str__(self) -> str:
        return str(self.user)
