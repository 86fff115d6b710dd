"""Asking the alert rules about an event, within the transaction that records it."""

from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import override

from audit.alarms import Alarm, alarms_for
from audit.models import AlertRule, SecurityAlert, SecurityEvent
from audit.security_kinds import kind_words
from audit.signals import alert_raised
from labitory.lib.db import constraint_of

_ONE_OPEN = "securityalert_one_open"


def raise_alarms(event: SecurityEvent) -> None:
    """Ring where a rule says so; an alarm that is open for the same subject rings no more.

    Events that no rule watches cost nothing, the others two statements: the rules, one count.
    """
    alarms = alarms_for(event)
    if not alarms:
        return
    rules = _silent_rules(event, alarms)
    counts = _counts(event, [(rule, alarms[rule.code]) for rule in rules])
    for rule in rules:
        alarm = alarms[rule.code]
        if alarm.rings(counts.get(rule.code, {}), rule.threshold):
            _ring(rule, alarm, event)


def _silent_rules(event: SecurityEvent, alarms: dict[str, Alarm]) -> list[AlertRule]:
    """The rules that are on and have no open alarm for the event's subject."""
    subjects = {alarm.subject(event) for alarm in alarms.values()}
    rung = SecurityAlert.objects.filter(
        rule=OuterRef("pk"), subject__in=subjects, handled_at__isnull=True
    )
    rules = AlertRule.objects.filter(code__in=alarms, is_on=True)
    return list(rules.filter(~Exists(rung)).order_by("code"))


def _counts(
    event: SecurityEvent, asked: Iterable[tuple[AlertRule, Alarm]]
) -> dict[str, dict[str, int]]:
    """What all rules ask, in one statement; by rule and name."""
    wanted: dict[str, Q] = {}
    for rule, alarm in asked:
        start = event.at - timedelta(minutes=rule.minutes)
        for name, condition in alarm.asks(event).items():
            wanted[f"{rule.code}|{name}"] = condition & Q(at__gte=start)
    if not wanted:
        return {}
    # Without the condition in WHERE all events would be read, not those of an index.
    found = SecurityEvent.objects.filter(reduce(or_, wanted.values())).aggregate(
        **{f"n{n}": Count("pk", filter=condition) for n, condition in enumerate(wanted.values())}
    )
    counts: dict[str, dict[str, int]] = {}
    for n, key in enumerate(wanted):
        code, _line, name = key.partition("|")
        counts.setdefault(code, {})[name] = found[f"n{n}"]
    return counts


def _ring(rule: AlertRule, alarm: Alarm, event: SecurityEvent) -> None:
    try:
        with transaction.atomic():
            alert = SecurityAlert.objects.create(
                rule=rule,
                event=event,
                at=event.at,
                subject=alarm.subject(event)[:100],
                text=_say(alarm, event),
            )
    except IntegrityError as error:
        if constraint_of(error) != _ONE_OPEN:
            raise
        # Another event rang the same at the same moment.
        return
    alert_raised.send(sender=SecurityAlert, alert=alert, now=event.at)


def _say(alarm: Alarm, event: SecurityEvent) -> str:
    """The alarm in words, in the language of the installation: many will read it."""
    with override(settings.LANGUAGE_CODE):
        facts: dict[str, Any] = {
            "user": event.user_name or "?",
            "actor": event.actor_name or "?",
            "address": event.address or "?",
            "country": event.country or "?",
            "what": kind_words(event.kind),
        }
        return (str(alarm.words) % facts)[:300]
