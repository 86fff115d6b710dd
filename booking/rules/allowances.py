"""What people, groups and projects may take in a period."""

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import QuotaHolder
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from booking.rules.shares import NOTHING, Balance, say_amount, say_rate, weigh
from labitory.lib.formats import say_date
from labitory.lib.text import say_minutes


@rule("quota.allowance", overridable_by=Role.LAB_MANAGER)
def within_allowance(request: BookingRequest) -> Refusal | None:
    """A booking takes no more than is left of each quota that counts it, with its overdraft.

    What goes into the overdraft is allowed and waits for approval. Time that is still free shortly
    before it starts is outside of a quota that says so.
    """
    over = [each for each in weigh(request) if each.after + each.quota.overdraft < 0]
    if not over:
        return None
    worst = min(over, key=lambda each: each.after + each.quota.overdraft)
    quota = worst.quota
    return Refusal(
        code="quota.allowance",
        text=" ".join(_words(worst, request.user.name)),
        facts={
            "quota": str(quota.public_id),
            "limit": float(worst.allowed),
            "left": float(worst.left),
            "asked": float(worst.asked),
            "overdraft": float(quota.overdraft),
            "renews_on": worst.renews_on.isoformat(),
            "grab_hours": quota.grab_hours,
        },
        field="end_time",
    )


def _words(balance: Balance, user: str) -> list[str]:
    quota = balance.quota
    whose = {
        QuotaHolder.USER: user,
        QuotaHolder.GROUP: _("the research group"),
        QuotaHolder.PROJECT: _("the project"),
    }
    words = [
        _("The quota “%(quota)s” gives %(whose)s %(limit)s; left: %(left)s.")
        % {
            "quota": quota.name,
            "whose": whose[quota.holder],
            "limit": say_rate(quota, balance.allowed),
            "left": say_amount(quota.measure, max(balance.left, NOTHING)),
        }
    ]
    if quota.overdraft:
        words.append(
            _("Beyond it %(overdraft)s can be had with approval.")
            % {"overdraft": say_amount(quota.measure, quota.overdraft)}
        )
    words.append(
        _("Make it shorter, or choose a time from %(day)s on.")
        % {"day": say_date(balance.renews_on)}
    )
    if quota.grab_hours:
        words.append(
            _("Or wait: what is still free %(hours)s before its start counts for nobody.")
            % {"hours": say_minutes(quota.grab_hours * 60)}
        )
    return words
