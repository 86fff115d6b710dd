"""Rules of series in words: weekly on Monday; on the first Friday of every month."""

from collections.abc import Mapping

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labitory.lib.recurrence import BadRule, parts_of_rule

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def say_rule(text: str) -> str:
    """How often a rule repeats, without its end if it has one; what cannot be said stays as it is.

    Maintenance comes back without an end.
    """
    is_endless = not {"COUNT", "UNTIL"} & {each.partition("=")[0] for each in text.split(";")}
    try:
        parts = parts_of_rule(f"{text};COUNT=1" if is_endless else text)
    except BadRule:
        return text
    days = _days(parts)
    often = _often(parts["FREQ"], int(parts.get("INTERVAL", "1")))
    return _("%(often)s on %(days)s") % {"often": often, "days": days} if days else often


def _often(frequency: str, interval: int) -> str:
    words = {
        "DAILY": ngettext("daily", "every %(n)d days", interval),
        "WEEKLY": ngettext("weekly", "every %(n)d weeks", interval),
        "MONTHLY": ngettext("monthly", "every %(n)d months", interval),
        "YEARLY": ngettext("yearly", "every %(n)d years", interval),
    }
    text = words[frequency]
    return text % {"n": interval} if interval > 1 else text


def _days(parts: Mapping[str, str]) -> str:
    found = [_day(word, parts.get("BYSETPOS", "")) for word in parts.get("BYDAY", "").split(",")]
    if "BYMONTHDAY" in parts:
        found.append(_("day %(days)s") % {"days": parts["BYMONTHDAY"].replace(",", ", ")})
    return ", ".join(each for each in found if each)


def _day(word: str, position: str) -> str:
    if word[-2:] not in _DAYS:
        return ""
    name = str(WEEKDAYS[_DAYS.index(word[-2:])])
    number = word[:-2] or position
    nth = {
        "1": _("the first %(day)s"),
        "2": _("the second %(day)s"),
        "3": _("the third %(day)s"),
        "4": _("the fourth %(day)s"),
        "-1": _("the last %(day)s"),
    }
    return nth.get(number.lstrip("+"), "%(day)s") % {"day": name}
