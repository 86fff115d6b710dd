"""Users, their profile and their preferences."""

import uuid
import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import DateFormat, Role, Theme, TimeFormat
from accounts.models.units import Unit
from labitory.lib.crypto import EncryptedTextField


class UserManager(BaseUserManager["User"]):
    """Makes users together with their profile and preferences."""

    use_in_migrations = True

    def create_user(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """A user with a hashed password; without one the account cannot log in by password."""
        user = self.model(
            username=self.model.normalize_username(username),
            email=self.normalize_email(email),
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        UserProfile.objects.using(self._db).create(user=user)
        UserPreferences.objects.using(self._db).create(user=user)
        return user

    def create_superuser(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """A superuser made on the command line is a sysadmin."""
        return self.create_user(
            username, email, password, **{**fields, "role": Role.SYSADMIN, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Log in by user name or e-mail address, whatever the case of its letters."""
        word = username or ""
        field = "email__iexact" if "@" in word else "username__iexact"
        return self.select_related("preferences").get(**{field: word})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can log in. The role is written by services only."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(
        _("user name"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    email = models.EmailField(_("e-mail address"))
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.STUDENT)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Rises with every change of what the person was granted; the cache's key.
    grants_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "username"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
            models.CheckConstraint(
                condition=models.Q(is_superuser=False) | models.Q(role=Role.SYSADMIN),
                name="user_superuser_is_sysadmin",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
        ]
        indexes = [
            # The administrators' list of who was here last.
            models.Index(
                models.F("last_login").desc(),
                name="user_last_login",
                condition=models.Q(is_active=True),
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name, or the user name where neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_full_name(self) -> str:
        """Django's name for `full_name`."""
        return self.full_name

    def get_short_name(self) -> str:
        """The name to greet the user by."""
        return self.first_name or self.username

    @property
    def is_staff(self) -> bool:
        """Who may enter the Django admin: system administrators."""
        return self.is_sysadmin

    @property
    def is_lab_manager(self) -> bool:
        """Whether the user looks after the lab: a lab manager or above."""
        return self.is_active and Role(self.role).rank >= Role.LAB_MANAGER.rank

    @property
    def is_sysadmin(self) -> bool:
        """Whether the user administers the system."""
        return self.is_active and self.role == Role.SYSADMIN


class UserProfile(models.Model):
    """How to reach a person, and where they belong."""

    user = models.OneToOneField(User, models.CASCADE, related_name="profile")
    phone = EncryptedTextField(_("phone"), blank=True, max_length=40)
    emergency_contact = EncryptedTextField(
        _("emergency contact"),
        blank=True,
        max_length=200,
        help_text=_("Whom to call when something happens to you in the lab."),
    )
    affiliation = models.CharField(_("group or department"), max_length=120, blank=True)
    unit = models.ForeignKey(
        Unit,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("organisation unit"),
    )

    class Meta:
        verbose_name = _("profile")

    def __str__(self) -> str:
        return str(self.user)


def check_time_zone(value: str) -> None:
    """A time zone must be one of the IANA names."""
    if value and value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("%(value)s is not a time zone: choose one such as Europe/Berlin."),
            params={"value": value},
        )


class UserPreferences(models.Model):
    """How the pages look to a person."""

    user = models.OneToOneField(User, models.CASCADE, related_name="preferences")
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[check_time_zone],
        help_text=_("Leave empty to use the lab's."),
    )
    date_format = models.CharField(
        _("date format"), max_length=10, choices=DateFormat, default=DateFormat.WORDS
    )
    time_format = models.CharField(
        _("time format"), max_length=10, choices=TimeFormat, default=TimeFormat.HOURS_24
    )
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.AUTO)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    show_name = models.BooleanField(
        _("show my name on shared calendars"),
        default=True,
        help_text=_("Lab managers always see who booked."),
    )

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)
