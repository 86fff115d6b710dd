"""Which roles need a second factor; whoever looks after security says so."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.forms.factors import RuleForm
from accounts.queries.factors import factor_rules
from accounts.services.factor_rules import lift_factor_rule, set_factor_rule
from accounts.views._pages import reader, say_refusal
from accounts.views.step_up import step_up
from labitory.lib.clock import now as clock_now


@needs("security.manage")
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every role: whether it needs a second factor, since when, and who still has none."""
    return render(request, "accounts/factors/rules.html", {"rules": factor_rules()})


@needs("security.manage")
@step_up
@require_POST
def rule_set(request: HttpRequest) -> HttpResponseBase:
    """Require a second factor of a role, or change its days of grace."""
    form = RuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role, and between 0 and 365 days of grace."))
        return redirect("accounts:security_factors")
    try:
        set_factor_rule(
            actor=reader(request),
            role=Role(form.cleaned_data["role"]),
            grace_days=form.cleaned_data["grace_days"],
            now=clock_now(),
        )
        messages.success(request, _("The rule is set."))
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:security_factors")


@needs("security.manage")
@step_up
@require_POST
def rule_lift(request: HttpRequest, role: str) -> HttpResponseBase:
    """No longer require a second factor of a role."""
    if role in Role.values:
        try:
            lift_factor_rule(actor=reader(request), role=Role(role), now=clock_now())
            messages.success(request, _("The rule is lifted."))
        except AccountRefused as refusal:
            say_refusal(request, refusal)
    return redirect("accounts:security_factors")
