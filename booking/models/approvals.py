"""Who is asked before a booking stands, in which order, and what they said."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from booking.enums import ApprovalMode, ApproverKind, Needed, VoteState
from booking.models.bookings import Booking
from booking.models.resources import Resource, ResourceType


class ApprovalPolicy(models.Model):
    """How bookings of a resource, a type, or all are approved; the most specific one counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="approval_policies"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="approval_policies"
    )
    role = models.CharField(_("for the role"), max_length=20, choices=Role, blank=True)
    mode = models.CharField(_("approval"), max_length=14, choices=ApprovalMode)
    holds_slot = models.BooleanField(
        _("holds the time"),
        default=True,
        help_text=_("Otherwise somebody else may take it until it is approved."),
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("hours to answer"), default=72, validators=[MinValueValidator(1), MaxValueValidator(2160)]
    )
    # The conditions under which anybody is asked at all (mode: conditional).
    over_minutes = models.PositiveIntegerField(_("longer than minutes"), null=True, blank=True)
    outside_hours = models.BooleanField(_("between 18:00 and 8:00 or at weekends"), default=False)
    first_booking = models.BooleanField(_("the person's first one there"), default=False)

    class Meta:
        verbose_name = _("approval policy")
        verbose_name_plural = _("approval policies")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "resource_type", "role"],
                name="approvalpolicy_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True) | models.Q(resource_type__isnull=True),
                name="approvalpolicy_one_scope",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApprovalTier(models.Model):
    """One step of a policy: who is asked, how many must agree, and for which bookings."""

    policy = models.ForeignKey(ApprovalPolicy, models.CASCADE, related_name="tiers")
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    approver = models.CharField(
        _("who"), max_length=12, choices=ApproverKind, default=ApproverKind.RESPONSIBLE
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    needed = models.CharField(_("must agree"), max_length=3, choices=Needed, default=Needed.ANY)
    # Asked only above these; empty asks always.
    over_minutes = models.PositiveIntegerField(_("longer than minutes"), null=True, blank=True)
    over_cost = models.DecimalField(
        _("dearer than"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    outside_hours = models.BooleanField(_("between 18:00 and 8:00 or at weekends"), default=False)
    for_roles = ArrayField(
        models.CharField(max_length=20, choices=Role),
        default=list,
        blank=True,
        verbose_name=_("for bookings of"),
    )

    class Meta:
        verbose_name = _("step of an approval policy")
        verbose_name_plural = _("steps of approval policies")
        ordering = ["policy", "position", "id"]
        constraints = [
            models.CheckConstraint(
                name="approvaltier_person",
                condition=~models.Q(approver=ApproverKind.PERSON) | models.Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="approvaltier_role",
                condition=~models.Q(approver=ApproverKind.ROLE) | ~models.Q(role=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_approver_display()}"


class Approval(models.Model):
    """One step that a booking waits for, or waited for."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="approvals")
    position = models.PositiveSmallIntegerField()
    approver = models.CharField(max_length=12, choices=ApproverKind)
    needed = models.CharField(max_length=3, choices=Needed, default=Needed.ANY)
    state = models.CharField(max_length=10, choices=VoteState)
    # As the policy said when it was asked for: a later step's time counts from its turn.
    answer_hours = models.PositiveSmallIntegerField(default=72, db_default=72)
    asked_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("approval")
        ordering = ["booking", "position"]
        constraints = [
            # Moved and asked again, a booking's earlier steps are closed.
            models.UniqueConstraint(
                fields=["booking", "position"],
                name="approval_step_once",
                condition=models.Q(state__in=[VoteState.LATER, VoteState.WAITING]),
            )
        ]
        indexes = [
            # What is overdue and must be brought to others.
            models.Index(
                fields=["due_at"],
                name="approval_due",
                condition=models.Q(state=VoteState.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.get_state_display()}"

    def is_over(self, now: datetime) -> bool:
        """Whether others were asked as well, and nobody answered in time."""
        return self.escalated_at is not None and self.due_at is not None and self.due_at <= now


class ApprovalVote(models.Model):
    """One person who is asked in a step, and the answer; a delegate answers in their name."""

    approval = models.ForeignKey(Approval, models.CASCADE, related_name="votes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="approval_votes", db_index=False
    )
    state = models.CharField(max_length=10, choices=VoteState, default=VoteState.WAITING)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("vote")
        ordering = ["approval", "id"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "user"], name="approvalvote_once")
        ]
        indexes = [
            # The inbox, counted on every page.
            models.Index(
                fields=["user"],
                name="approvalvote_waiting",
                condition=models.Q(state=VoteState.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"


class ApprovalDelegation(models.Model):
    """For some time somebody else decides in a person's name."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="approval_delegations"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegated_approvals"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="+"
    )
    resource = models.ForeignKey(Resource, models.CASCADE, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("delegation")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_period"
            ),
            models.CheckConstraint(
                condition=~models.Q(user=models.F("delegate")), name="delegation_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} > {self.delegate}"


class Supervision(models.Model):
    """Who answers for somebody's work in the lab, when the person is not the leader of a group."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="supervision"
    )
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="supervisions"
    )
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("supervision")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(user=models.F("supervisor")), name="supervision_not_oneself"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.supervisor}"
