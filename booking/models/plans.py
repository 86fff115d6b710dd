"""When plans change: templates, hand-overs and swaps, and what can be undone."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Project
from booking.enums import ProposalKind, ProposalState
from booking.models.bookings import Booking
from booking.models.events import OutboxEvent
from booking.models.resources import Resource


class BookingTemplate(models.Model):
    """A booking that somebody makes often, without its time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="booking_templates"
    )
    name = models.CharField(_("name"), max_length=80)
    resources = models.ManyToManyField(Resource, related_name="+", verbose_name=_("resources"))
    minutes = models.PositiveIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(527040)]
    )
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    project = models.ForeignKey(Project, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("booking template")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="bookingtemplate_name")
        ]

    def __str__(self) -> str:
        return self.name


class Proposal(models.Model):
    """Somebody offers a booking to another person, for nothing or against one of theirs."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=ProposalKind)
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="proposals")
    wanted = models.ForeignKey(
        Booking, models.CASCADE, null=True, blank=True, related_name="wanted_by"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="proposals"
    )
    proposed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="received_proposals"
    )
    message = models.CharField(_("message"), max_length=300, blank=True)
    # The bookings' sequences when it was made: another change since makes it void.
    booking_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    wanted_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    proposed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("proposal")
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                name="proposal_swap_has_two",
                condition=models.Q(kind=ProposalKind.SWAP, wanted__isnull=False)
                | models.Q(kind=ProposalKind.TRANSFER, wanted__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["booking"],
                name="proposal_one_open",
                condition=models.Q(state=ProposalState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.booking}"


class UndoableAct(models.Model):
    """A change of bookings that its maker may take back for some minutes.

    `before` is what the bookings were; the event that tells of the change waits as long.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="undoable_acts"
    )
    action = models.CharField(max_length=40)
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="undoable_acts")
    before = models.JSONField(default=dict)
    # The booking's sequence after the act: another change since makes the undoing void.
    sequence = models.PositiveIntegerField()
    event = models.ForeignKey(OutboxEvent, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("act that can be undone")
        verbose_name_plural = _("acts that can be undone")
        ordering = ["-at"]
        indexes = [models.Index(fields=["actor", "-at"], name="undoableact_actor")]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
