"""Courses, their sessions, and what people have learnt."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from booking.enums import CourseKind, Delivery, SeatState
from booking.models.bookings import Booking
from booking.models.resources import Resource, ResourceType
from labitory.lib.text import new_code

SEATED = (SeatState.ENROLLED, SeatState.PASSED, SeatState.FAILED, SeatState.ABSENT)


class Course(models.Model):
    """Something to learn, and for how long it counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=150)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    kind = models.CharField(
        _("about"), max_length=12, choices=CourseKind, default=CourseKind.INSTRUMENT
    )
    delivery = models.CharField(
        _("given"), max_length=12, choices=Delivery, default=Delivery.IN_PERSON
    )
    valid_days = models.PositiveSmallIntegerField(
        _("valid for days"), null=True, blank=True, help_text=_("Empty: for ever.")
    )
    decay_days = models.PositiveSmallIntegerField(
        _("lapses unused after days"),
        null=True,
        blank=True,
        help_text=_("Who has not used what it is for so long learns anew. Empty: never."),
    )
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark in percent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=4, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    prerequisites = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="leads_to",
        verbose_name=_("to be done before"),
    )
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="teaches", verbose_name=_("instructors")
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("course")
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(Lower("title"), name="course_title_unique"),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="course_seats"),
            models.CheckConstraint(
                condition=models.Q(pass_mark__isnull=True) | models.Q(pass_mark__lte=100),
                name="course_pass_mark",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TrainingRequirement(models.Model):
    """Nobody books the resource, or any of the type, without the course."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="required_by")
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="training_requirements"
    )
    resource_type = models.ForeignKey(
        ResourceType, models.CASCADE, null=True, blank=True, related_name="training_requirements"
    )

    class Meta:
        verbose_name = _("required training")
        verbose_name_plural = _("required training")
        ordering = ["course", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "resource", "resource_type"],
                name="trainingrequirement_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="trainingrequirement_one_scope",
                condition=models.Q(resource__isnull=False, resource_type__isnull=True)
                | models.Q(resource__isnull=True, resource_type__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource or self.resource_type}: {self.course}"


class TrainingSession(models.Model):
    """One time at which a course is given; on an instrument it occupies it by a booking."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    instructor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="taught_sessions"
    )
    start_time = models.DateTimeField(_("start"))
    end_time = models.DateTimeField(_("end"))
    location = models.CharField(_("where"), max_length=150, blank=True)
    seats = models.PositiveSmallIntegerField(
        _("seats"), validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    booking = models.OneToOneField(
        Booking, models.PROTECT, null=True, blank=True, related_name="training_session"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("training session")
        ordering = ["start_time"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_time__gt=models.F("start_time")),
                name="trainingsession_period",
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="trainingsession_seats"),
        ]
        indexes = [
            # The next session of a course that a refusal names.
            models.Index(
                fields=["course", "start_time"],
                name="trainingsession_next",
                condition=models.Q(cancelled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.start_time:%Y-%m-%d %H:%M}"


class TrainingSeat(models.Model):
    """A person's place in a session, or on its waiting list in the order of signing up."""

    session = models.ForeignKey(TrainingSession, models.CASCADE, related_name="places")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="training_seats"
    )
    state = models.CharField(max_length=10, choices=SeatState, default=SeatState.ENROLLED)
    asked_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField(
        _("score in percent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("place in a training session")
        verbose_name_plural = _("places in training sessions")
        ordering = ["session", "asked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="trainingseat_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"


class Qualification(models.Model):
    """A course that somebody has passed: the certificate, and until when it counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="qualifications", db_index=False
    )
    course = models.ForeignKey(Course, models.PROTECT, related_name="qualifications")
    session = models.ForeignKey(
        TrainingSession, models.SET_NULL, null=True, blank=True, related_name="qualifications"
    )
    passed_on = models.DateField(_("passed"))
    # The last day on which it counts; the course's validity at the time it was given.
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    # The last use of what it is for: with the course's decay it says when it lapses.
    used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(
        _("score in percent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    certificate = models.CharField(_("certificate number"), max_length=30, unique=True)
    # What somebody who holds the paper types in to see whether it is true.
    check_code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_reason = models.CharField(max_length=300, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("qualification")
        ordering = ["-passed_on", "-id"]
        indexes = [
            # Every booking asks what its person has learnt.
            models.Index(
                fields=["user", "course"],
                name="qualification_user",
                condition=models.Q(revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.course}"
