"""Who waits for time, and the time that is offered to them."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from booking.enums import OfferKind, OfferState, WaitingKind, WaitingState
from booking.models.bookings import Booking
from booking.models.holds import Hold
from booking.models.maintenance import MaintenanceRecord
from booking.models.resources import Resource, ResourcePool, ResourceType
from labitory.lib.periods import Period


class WaitingEntry(models.Model):
    """A wish for time: one slot, or a standing order such as "any confocal, 2 h, mornings".

    It waits for `minutes` in one piece on the resource, any of the type, or any of the pool,
    between `earliest` and `latest`, on the weekdays and within the hours of the day if given.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="waiting_entries"
    )
    kind = models.CharField(
        _("when it is free"), max_length=5, choices=WaitingKind, default=WaitingKind.HOLD
    )
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="waiting_entries"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="waiting_entries"
    )
    pool = models.ForeignKey(
        ResourcePool, models.CASCADE, null=True, blank=True, related_name="waiting_entries"
    )
    earliest = models.DateTimeField(_("from"))
    latest = models.DateTimeField(_("until"))
    minutes = models.PositiveIntegerField(_("minutes"), validators=[MinValueValidator(1)])
    # Monday is 0; empty is every day.
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]),
        default=list,
        blank=True,
    )
    day_from = models.TimeField(_("not before"), null=True, blank=True)
    day_until = models.TimeField(_("not after"), null=True, blank=True)
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="waiting_entries"
    )
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=WaitingState, default=WaitingState.WAITING)
    # Offers that ran out unanswered: who lets them lapse moves back in the order.
    missed_offers = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("waiting entry")
        verbose_name_plural = _("waiting entries")
        ordering = ["missed_offers", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latest__gt=models.F("earliest")), name="waitingentry_window"
            ),
            models.CheckConstraint(
                name="waitingentry_one_scope",
                condition=models.Q(
                    resource__isnull=False, resource_type__isnull=True, pool__isnull=True
                )
                | models.Q(resource__isnull=True, resource_type__isnull=False, pool__isnull=True)
                | models.Q(resource__isnull=True, resource_type__isnull=True, pool__isnull=False),
            ),
            models.CheckConstraint(condition=models.Q(minutes__gte=1), name="waitingentry_minutes"),
        ]
        indexes = [
            # Matching a freed slot: who waits now, in the fair order.
            models.Index(
                fields=["missed_offers", "created_at"],
                name="waitingentry_order",
                condition=models.Q(state=WaitingState.WAITING),
            ),
            # Who comes before whom: those that still wait or are offered something.
            models.Index(
                fields=["latest"],
                name="waitingentry_alive",
                condition=models.Q(state__in=[WaitingState.WAITING, WaitingState.OFFERED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource or self.resource_type or self.pool}"


class Offer(models.Model):
    """Time that is held for one person for some minutes, to be taken with one link.

    Its hold stands under the one constraint, so nobody else can be offered the same minutes.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=OfferKind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offers")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="offers")
    start_time = models.DateTimeField(_("start"))
    end_time = models.DateTimeField(_("end"))
    hold = models.OneToOneField(Hold, models.SET_NULL, null=True, blank=True, related_name="offer")
    # What it serves: a place on the waiting list, or a booking that maintenance displaces.
    entry = models.ForeignKey(
        WaitingEntry, models.CASCADE, null=True, blank=True, related_name="offers"
    )
    displaced = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="replacements"
    )
    maintenance = models.ForeignKey(
        MaintenanceRecord, models.CASCADE, null=True, blank=True, related_name="replacements"
    )
    # The booking that came of it.
    booking = models.ForeignKey(Booking, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("offer")
        ordering = ["-offered_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")), name="offer_period"
            ),
            models.CheckConstraint(
                name="offer_one_reason",
                condition=models.Q(
                    kind=OfferKind.WAITING, entry__isnull=False, displaced__isnull=True
                )
                | models.Q(kind=OfferKind.REPLACEMENT, entry__isnull=True, displaced__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["entry"],
                name="offer_one_open_entry",
                condition=models.Q(state=OfferState.OPEN),
            ),
            models.UniqueConstraint(
                fields=["displaced"],
                name="offer_one_open_displaced",
                condition=models.Q(state=OfferState.OPEN),
            ),
        ]
        indexes = [
            # Those that ran out, for the next in the order.
            models.Index(
                fields=["expires_at"],
                name="offer_open",
                condition=models.Q(state=OfferState.OPEN),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource} {self.start_time:%Y-%m-%d %H:%M}"

    @property
    def period(self) -> Period:
        """The offered time without buffers."""
        return Period(self.start_time, self.end_time)
