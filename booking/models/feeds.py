"""Calendars outside: what reads ours, what came from files, and servers we write to."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup
from booking.enums import FeedScope, RemotePolicy, RemoteState
from booking.models.bookings import Booking
from booking.models.calendars import Closure
from booking.models.resources import Resource
from labitory.lib.crypto import EncryptedTextField


class CalendarFeed(models.Model):
    """An address at which calendar programs read without a login, until it is revoked.

    It shows what its owner may see at that moment, never more.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds"
    )
    name = models.CharField(_("name"), max_length=100)
    scope = models.CharField(_("shows"), max_length=8, choices=FeedScope)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    group = models.ForeignKey(
        ResearchGroup, models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    # The token itself is shown once and kept nowhere.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar feed")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="calendar_feed_scope",
                condition=models.Q(
                    scope=FeedScope.RESOURCE, resource__isnull=False, group__isnull=True
                )
                | models.Q(scope=FeedScope.GROUP, group__isnull=False, resource__isnull=True)
                | models.Q(
                    scope__in=(FeedScope.MINE, FeedScope.LAB),
                    resource__isnull=True,
                    group__isnull=True,
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportedEvent(models.Model):
    """One entry of a calendar file that became a booking or a closure: read again, it is known."""

    uid = models.CharField(max_length=255)
    # The original start of one entry of a series; the entry's own start otherwise.
    occurrence = models.DateTimeField()
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="imported_events")
    booking = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="imported_from"
    )
    closure = models.ForeignKey(
        Closure, models.CASCADE, null=True, blank=True, related_name="imported_from"
    )
    imported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("imported entry")
        ordering = ["-imported_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["uid", "occurrence", "resource"], name="imported_event_once"
            ),
            models.CheckConstraint(
                name="imported_event_became_one",
                condition=models.Q(booking__isnull=False, closure__isnull=True)
                | models.Q(booking__isnull=True, closure__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class RemoteCalendar(models.Model):
    """A calendar on a CalDAV server of one person, into which their bookings are written."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="remote_calendar"
    )
    url = models.CharField(_("address of the calendar"), max_length=1000)
    username = models.CharField(_("user name there"), max_length=200)
    password = EncryptedTextField(_("password there"), max_length=500)
    policy = models.CharField(
        _("when I change an entry there"),
        max_length=4,
        choices=RemotePolicy,
        default=RemotePolicy.ASK,
    )
    # What the server calls its state; empty: everything is compared.
    sync_token = models.CharField(max_length=500, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_sync_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A round is under way until then: two at once would write everything twice.
    lent_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("calendar server")
        indexes = [
            # Whose turn it is.
            models.Index(
                fields=["next_sync_at"],
                name="remote_calendar_due",
                condition=models.Q(is_active=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class RemoteEntry(models.Model):
    """The copy of one booking there: where it lies, and as which version of ours it was written."""

    calendar = models.ForeignKey(RemoteCalendar, models.CASCADE, related_name="entries")
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="remote_entries")
    href = models.CharField(max_length=1000)
    # The server's name of the version that we wrote or saw last.
    etag = models.CharField(max_length=200, blank=True)
    # Our SEQUENCE in it, and a digest of what it says.
    sequence = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=RemoteState, default=RemoteState.SYNCED)
    # The time it has over there, none when it was deleted: in a conflict, what their side wants.
    wanted_start = models.DateTimeField(null=True, blank=True)
    wanted_end = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("entry on a calendar server")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "booking"], name="remote_entry_once")
        ]

    def __str__(self) -> str:
        return self.href
