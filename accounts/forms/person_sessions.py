"""Ending the sessions of somebody else."""

from django import forms
from django.utils.translation import gettext_lazy as _

from labitory.lib.forms import Styled


class EndSessionsForm(Styled, forms.Form):
    """Which session, none for all of them, and why."""

    session = forms.UUIDField(required=False, widget=forms.HiddenInput())
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The person is told, with your name. Kept in the audit log."),
    )
