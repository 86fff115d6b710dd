"""The rules that raise an alarm: what each watches, and when it rings.

Each is a pure question of one event and of how many came before. Numbers and severity stand in
the rows of AlertRule, where whoever looks after security changes them; here are their defaults.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.enums import Severity
from audit.models import SecurityEvent

Counts = Mapping[str, int]
_DAY_BEGINS, _DAY_ENDS = 6, 22
_LOGIN = "login.succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One rule.

    `about` is the field that makes it the same alarm as before; `applies` needs nothing but the
    event; `asks` are the conditions to count within the rule's minutes, and `rings` judges them.
    """

    code: str
    kinds: frozenset[str]
    words: "str | Promise"
    about: str
    severity: Severity
    threshold: int = 1
    minutes: int = 60
    applies: Callable[[SecurityEvent], bool] = lambda _event: True
    asks: Callable[[SecurityEvent], Mapping[str, Q]] = lambda _event: {}
    rings: Callable[[Counts, int], bool] = lambda _counts, _threshold: True

    def subject(self, event: SecurityEvent) -> str:
        """The account or the address that it is about; empty where nobody is known."""
        value = getattr(event, self.about)
        return "" if value is None else f"{self.about}:{value}"


def _same(about: str, kinds: frozenset[str]) -> Callable[[SecurityEvent], Mapping[str, Q]]:
    return lambda event: {"same": Q(kind__in=kinds, **{about: getattr(event, about)})}


def _enough(counts: Counts, threshold: int) -> bool:
    return counts["same"] >= threshold


def _logins_before(event: SecurityEvent) -> Q:
    return Q(kind=_LOGIN, user_id=event.user_id) & ~Q(pk=event.pk)


def _country_asks(event: SecurityEvent) -> Mapping[str, Q]:
    before = _logins_before(event)
    return {"before": before & ~Q(country=""), "here": before & Q(country=event.country)}


def _at_night(event: SecurityEvent) -> bool:
    hour = event.at.astimezone(ZoneInfo(settings.LAB_TIME_ZONE)).hour
    return not _DAY_BEGINS <= hour < _DAY_ENDS


def _counted(
    code: str,
    kinds: set[str],
    words: "str | Promise",
    about: str,
    *,
    severity: Severity = Severity.WARNING,
    threshold: int = 1,
    minutes: int = 60,
) -> Alarm:
    """An alarm that rings from so many events of its kinds about the same subject."""
    watched = frozenset(kinds)
    return Alarm(
        code=code,
        kinds=watched,
        words=words,
        about=about,
        severity=severity,
        threshold=threshold,
        minutes=minutes,
        asks=_same(about, watched),
        rings=_enough,
    )


_QUARTER_YEAR = 90 * 24 * 60

ALARMS: tuple[Alarm, ...] = (
    Alarm(
        code="new-country",
        kinds=frozenset({_LOGIN}),
        words=_("%(user)s logged in from %(country)s, a country not seen before"),
        about="user_id",
        severity=Severity.WARNING,
        minutes=_QUARTER_YEAR,
        applies=lambda event: bool(event.country),
        asks=_country_asks,
        rings=lambda counts, _threshold: counts["before"] > 0 and counts["here"] == 0,
    ),
    Alarm(
        code="unknown-device",
        kinds=frozenset({_LOGIN}),
        words=_("%(user)s logged in with a browser not seen before"),
        about="user_id",
        severity=Severity.NOTICE,
        minutes=_QUARTER_YEAR,
        applies=lambda event: event.facts.get("known") is False,
        asks=lambda event: {"before": _logins_before(event)},
        # The threshold is how many logins an account must have had: the first is always new.
        rings=lambda counts, threshold: counts["before"] >= threshold,
    ),
    _counted(
        "failures-account",
        {"login.failed", "factor.failed"},
        _("Many failures to log in as %(user)s"),
        "user_id",
        threshold=20,
    ),
    _counted(
        "failures-address",
        {"login.failed", "factor.failed"},
        _("Many failures to log in from %(address)s"),
        "address",
        threshold=50,
    ),
    Alarm(
        code="night-privileges",
        kinds=frozenset({"role.granted", "user.role_changed", "factor.rule_lifted"}),
        words=_("Rights were changed at night: %(what)s (%(user)s, by %(actor)s)"),
        about="actor_id",
        severity=Severity.WARNING,
        applies=_at_night,
        asks=_same(
            "actor_id", frozenset({"role.granted", "user.role_changed", "factor.rule_lifted"})
        ),
        rings=_enough,
    ),
    _counted(
        "factor-reset",
        {"factor.reset"},
        _("The second factors of %(user)s were reset by %(actor)s"),
        "user_id",
        severity=Severity.CRITICAL,
    ),
    _counted(
        "break-glass",
        {"break_glass.used"},
        _("%(user)s used the emergency login"),
        "user_id",
        severity=Severity.CRITICAL,
    ),
    _counted(
        "export",
        {"data.exported"},
        _("%(actor)s exported data of people"),
        "actor_id",
        severity=Severity.NOTICE,
    ),
)
ALARMS_BY_CODE: Mapping[str, Alarm] = {alarm.code: alarm for alarm in ALARMS}


def alarms_for(event: SecurityEvent) -> dict[str, Alarm]:
    """The alarms that this event may raise, by code; costs no statement."""
    return {
        alarm.code: alarm
        for alarm in ALARMS
        if event.kind in alarm.kinds and alarm.subject(event) and alarm.applies(event)
    }
