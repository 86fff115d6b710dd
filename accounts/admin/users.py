"""Accounts in the admin: for system administrators; roles go through the service."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import User, UserPreferences, UserProfile
from accounts.permissions import can_change_profile, can_set_role
from accounts.services.data_access import note_view
from accounts.services.guards import unlock_user
from accounts.services.passwords import set_password_for
from accounts.services.users import (
    NewUser,
    create_user,
    deactivate_user,
    reactivate_user,
    set_role,
)
from audit.admin.mixins import AuditedAdmin
from labitory.lib.clock import now
from labitory.lib.text import mask_address


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new account: names, address, role and a first password."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "role")

    def clean_username(self) -> str:
        """At login a word with an @ is an address."""
        name = str(self.cleaned_data["username"])
        if "@" in name:
            raise forms.ValidationError(_("A user name cannot contain @."))
        return name


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """An existing account; one's own role is not to be had."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "role")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password for somebody, twice; saving it is the service's."""

    usable_password = None


class ProfileInline(admin.StackedInline):  # type: ignore[type-arg]
    """How to reach the person."""

    model = UserProfile
    can_delete = False


class PreferencesInline(admin.StackedInline):  # type: ignore[type-arg]
    """How the pages look to the person."""

    model = UserPreferences
    can_delete = False


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are closed, never deleted: their bookings and records stay true."""

    form = UserForm
    add_form = NewUserForm
    list_display = ["username", "full_name", "masked_email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "email", "first_name", "last_name", "profile__affiliation"]
    ordering = ["username"]
    filter_horizontal = ()
    list_per_page = 40
    show_full_result_count = False
    inlines = [ProfileInline, PreferencesInline]
    actions = ["deactivate", "reactivate", "unlock"]
    readonly_fields = ["public_id", "is_active", "is_superuser", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email", "first_name", "last_name"]}),
        (gettext_lazy("Role"), {"fields": ["role", "is_active", "is_superuser"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined", "public_id"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "email",
                    "first_name",
                    "last_name",
                    "role",
                    "password1",
                    "password2",
                ]
            },
        )
    ]

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.full_name

    @admin.display(description=gettext_lazy("e-mail address"), ordering="email")
    def masked_email(self, user: User) -> str:
        """The address in full stands on the page of the account, which keeps who looked."""
        return mask_address(user.email)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """One's own role cannot be changed."""
        fixed = [str(name) for name in super().get_readonly_fields(request, obj)]
        if obj is not None and not can_set_role(_actor(request), obj):
            fixed.append("role")
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An address is a way into an account: only of those who may no more than oneself."""
        return super().has_change_permission(request, obj) and (
            obj is None or can_change_profile(_actor(request), obj)
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """The page of an account shows its contact data: that it was looked at is kept."""
        if obj is not None:
            note_view(viewer=_actor(request), subject=obj, what="person.admin", now=now())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Make an account, or change one; both by the services where a role is given."""
        actor = _actor(request)
        if not change:
            _make(actor, obj, form)
            return
        role = Role(obj.role)
        obj.role = form.initial.get("role", obj.role)
        super().save_model(request, obj, form, change)
        if obj.role != role:
            set_role(actor=actor, user=obj, role=role, now=now())
            obj.role = role

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> list[dict[str, Any]]:
        """The service has kept the change of role already."""
        message = super().construct_change_message(request, form, formsets, add)
        for name in ("role", "is_superuser"):
            message.changes.pop(name, None)  # type: ignore[attr-defined]
        return message

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has kept the new account already; Django's own log line is enough."""
        return admin.ModelAdmin.log_addition(self, request, obj, message)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are deactivated instead."""
        return False

    @admin.action(description=gettext_lazy("Deactivate the chosen accounts"))
    def deactivate(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        """Close accounts."""
        self._each(request, users, deactivate_user)

    @admin.action(description=gettext_lazy("Reactivate the chosen accounts"))
    def reactivate(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        """Open closed accounts."""
        self._each(request, users, reactivate_user)

    @admin.action(description=gettext_lazy("Let the chosen people log in at once"))
    def unlock(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        """Forget failed logins."""
        self._each(request, users, unlock_user)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's signature
        form_url: str = "",
    ) -> HttpResponse:
        """Set somebody's password by the service: their sessions end, and they are told."""
        user = self.get_object(request, unquote(id))
        if user is None or not self.has_change_permission(request, user):
            raise PermissionDenied
        form = PasswordForm(user, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                password = form.cleaned_data["password1"]
                set_password_for(actor=_actor(request), user=user, password=password, now=now())
            except AccountRefused as error:
                form.add_error("password1", error.text)
            else:
                messages.success(request, _("The password is set."))
                return redirect("admin:accounts_user_change", user.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set a password for %(name)s") % {"name": user},
            "adminForm": AdminForm(
                form,  # type: ignore[arg-type]
                [(None, {"fields": list(form.base_fields)})],
                {},
            ),
            "form": form,
            "form_url": form_url,
            "is_popup": False,
            "opts": self.opts,
            "original": user,
            "save_as": False,
            "show_save": True,
        }
        return TemplateResponse(request, "admin/auth/user/change_password.html", context)

    def _each(self, request: HttpRequest, users: "QuerySet[User]", act: Any) -> None:
        done = 0
        for user in users:
            try:
                act(actor=_actor(request), user=user, now=now())
                done += 1
            except AccountRefused as error:
                self.message_user(request, f"{user}: {error.text}", messages.ERROR)
        if done:
            text = ngettext("%(n)d account is changed.", "%(n)d accounts are changed.", done)
            self.message_user(request, text % {"n": done}, messages.SUCCESS)


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin asks for a login
    return request.user


def _make(actor: User, user: User, form: Any) -> None:
    """Make the account, and let the form's object be it."""
    made = create_user(
        actor=actor,
        new=NewUser(
            username=user.username,
            email=user.email,
            role=Role(user.role),
            first_name=user.first_name,
            last_name=user.last_name,
            password=form.cleaned_data["password1"],
        ),
        now=now(),
    )
    user.__dict__.update(made.__dict__)
