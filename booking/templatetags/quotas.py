"""Quotas in words: `{{ amount|quota_amount:quota }}`, `{{ quota|quota_rate }}`."""

from datetime import date
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import Measure, QuotaPeriod
from booking.models import Quota
from booking.rules.request import QuotaFacts
from booking.rules.shares import next_start, say_amount, say_each

register = template.Library()


@register.filter
def quota_amount(amount: Decimal, quota: Quota | QuotaFacts) -> str:
    """So much time or so many bookings: '3 hours'."""
    return say_amount(Measure(quota.measure), amount)


@register.filter
def quota_rate(quota: Quota | QuotaFacts) -> str:
    """What it gives: '10 hours a month'."""
    each = say_each(QuotaPeriod(quota.period), quota.rolling_days)
    return f"{say_amount(Measure(quota.measure), quota.amount)} {each}"


@register.filter
def quota_scope(quota: Quota) -> str:
    """What it counts: 'Confocal 1', 'every NMR', 'the pool Imaging', 'everything'."""
    if quota.resource:
        return quota.resource.name
    if quota.resource_type:
        return _("every %(name)s") % {"name": quota.resource_type.name}
    if quota.pool:
        return _("the pool %(name)s") % {"name": quota.pool.name}
    return _("everything")


@register.filter
def quota_people(quota: Quota) -> str:
    """For whom it is: 'Each person: Student, of Cells'."""
    narrowed = [
        str(Role(quota.role).label) if quota.role else "",
        str(quota.user) if quota.user else "",
        str(quota.group) if quota.group else "",
        str(quota.project) if quota.project else "",
    ]
    words = ", ".join(word for word in narrowed if word)
    shared = str(quota.get_holder_display())
    return f"{shared}: {words}" if words else shared


@register.filter
def quota_ends(starts_on: date, quota: Quota | QuotaFacts) -> date:
    """The last day of the period that begins on a day."""
    period = QuotaPeriod(quota.period)
    return date.fromordinal(next_start(period, starts_on).toordinal() - 1)
