"""Which roles need a second factor, and from when."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import FactorRule, User
from accounts.permissions.factors import can_set_factor_rules
from accounts.services._factors import refuse
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction

LONGEST_GRACE = 365


def set_factor_rule(*, actor: User, role: Role, grace_days: int, now: datetime) -> None:
    """From now on people of the role need a second factor, after so many days of grace.

    A rule that stands keeps its day; only its grace changes.
    """
    _require(actor)
    if not 0 <= grace_days <= LONGEST_GRACE:
        text = _("Between 0 and %(most)d days of grace.") % {"most": LONGEST_GRACE}
        raise refuse("grace", text, "grace_days")

    def work() -> None:
        rule = FactorRule.objects.filter(role=role).first()
        before = None if rule is None else rule.grace_days
        if rule is None:
            rule = FactorRule(role=role, required_since=now)
        if before == grace_days:
            return
        rule.grace_days = grace_days
        rule.save()
        record(
            action="factor.rule_set",
            actor=actor,
            target=rule,
            now=now,
            changes={"grace_days": (before, grace_days)},
            facts={"days": str(grace_days)},
        )
        record_security(
            kind="factor.rule_set",
            severity=Severity.NOTICE,
            actor=actor,
            facts={"role": str(role), "grace_days": grace_days},
            now=now,
        )

    run_transaction(work)


def lift_factor_rule(*, actor: User, role: Role, now: datetime) -> None:
    """People of the role no longer need a second factor; those who have one keep it."""
    _require(actor)

    def work() -> None:
        rule = FactorRule.objects.filter(role=role).first()
        if rule is not None:
            record(action="factor.rule_lifted", actor=actor, target=rule, now=now)
            record_security(
                kind="factor.rule_lifted",
                severity=Severity.WARNING,
                actor=actor,
                facts={"role": str(role)},
                now=now,
            )
            rule.delete()

    run_transaction(work)


def _require(actor: User) -> None:
    if not can_set_factor_rules(actor):
        raise refuse("rules", _("Only whoever looks after security sets these rules."))
