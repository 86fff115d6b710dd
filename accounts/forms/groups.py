"""The shapes of groups, projects, and requests to join."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PersonField, PriceClassField, UnitField, offer_choices
from accounts.models import Project, ResearchGroup
from labitory.lib.forms import Styled


class GroupForm(Styled, forms.Form):
    """What is said of a group."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    lead = PersonField(
        label=gettext_lazy("Principal investigator"),
        help_text=gettext_lazy("A user name or e-mail address."),
    )
    unit = UnitField(label=gettext_lazy("Unit"), required=False)
    price_class = PriceClassField(label=gettext_lazy("Price class"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)


class ProjectForm(Styled, forms.Form):
    """What is said of a project."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    code = forms.CharField(
        label=gettext_lazy("Account code"),
        max_length=60,
        help_text=gettext_lazy("The grant or cost centre that is charged."),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The last day; leave it empty for no end."),
    )
    price_class = PriceClassField(
        label=gettext_lazy("Price class"),
        required=False,
        help_text=Project._meta.get_field("price_class").help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)


class MemberForm(Styled, forms.Form):
    """Whom to add."""

    user = PersonField(
        label=gettext_lazy("User name or e-mail address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class JoinForm(Styled, forms.Form):
    """Words to those who decide."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WhyForm(Styled, forms.Form):
    """A reason, which the person concerned is told."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


def group_values(group: ResearchGroup) -> dict[str, str]:
    """A group as its form shows it."""
    return {
        "name": group.name,
        "lead": group.lead.username,
        "unit": str(group.unit.public_id) if group.unit else "",
        "price_class": group.price_class.code if group.price_class else "",
    }


def project_values(project: Project) -> dict[str, Any]:
    """A project as its form shows it."""
    return {
        "name": project.name,
        "code": project.code,
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "price_class": project.price_class.code if project.price_class else "",
    }
