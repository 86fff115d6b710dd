"""Audit records as sentences: "Chris moved Ada's booking of Confocal 2 to 14:00".

A catalogued action picks the first of its templates for which all names are known; anything else
is told from its changes, or at least named. Names come from the record alone: nothing is looked up.
Moments are written in the reader's zone and formats.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from audit.catalogue import SENTENCES
from audit.models import AuditLog
from audit.words import field_label, say_value
from labitory.lib.formats import say_date, say_moment, say_period, say_time
from labitory.lib.text import REDACTED

_NAME = re.compile(r"%\((\w+)\)s")
_LONGEST_LIST = 5


def tell(log: AuditLog) -> str:
    """One record as a sentence, without its reason."""
    names = _names(log)
    for template in SENTENCES.get(log.action, ()):
        if all(names.get(name) for name in _NAME.findall(str(template))):
            sentence = str(template) % names
            break
    else:
        sentence = _tell_changes(log, names) if log.changes else _tell_act(log, names)
    if names.get("place") and names.get("places"):
        sentence = _("%(sentence)s (%(place)s of %(places)s at once, in a series)") % {
            **names,
            "sentence": sentence,
        }
    rules = log.facts.get("overridden")
    if isinstance(rules, list) and rules:
        return _("%(sentence)s, overriding %(rules)s") % {
            "sentence": sentence,
            "rules": ", ".join(str(rule) for rule in rules),
        }
    return sentence


def _names(log: AuditLog) -> dict[str, str]:
    """What the templates may name; a name that is not known is missing or empty."""
    actor = log.actor_name or _("The system")
    names = {
        **{
            name: value if isinstance(value, str) else say_value(log.object_type, name, value)
            for name, value in log.facts.items()
        },
        **_times(log),
        "actor": actor,
        "object": log.object_name,
    }
    person = str(log.facts.get("user") or "")
    names["user"] = "" if person == log.actor_name else person
    names["own"] = person if person and person == log.actor_name else ""
    if "resource" in log.changes:
        names["left"] = say_value(log.object_type, "resource", log.changes["resource"][0])
    if "role" in log.changes:
        names["role_before"], names["role_after"] = (
            say_value(log.object_type, "role", value) for value in log.changes["role"]
        )
    return names


def _times(log: AuditLog) -> dict[str, str]:
    """The period of the thing, and where a move took it."""
    start, end = (moment_of(log.facts.get(name)) for name in ("start_time", "end_time"))
    if start is None or end is None:
        return {}
    found = {"period": say_period(start, end), "start": say_moment(start), "end": say_moment(end)}
    old_start, old_end = (
        moment_of((log.changes.get(name) or [None])[0]) for name in ("start_time", "end_time")
    )
    if old_start is not None:
        same_day = say_date(old_start) == say_date(start)
        found["new_start"] = say_time(start) if same_day else say_moment(start)
    elif old_end is not None:
        same_day = say_date(old_end) == say_date(end)
        found["new_end"] = say_time(end) if same_day else say_moment(end)
    return found


def moment_of(value: object) -> datetime | None:
    """A moment as the record keeps it, or None when it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _tell_changes(log: AuditLog, names: dict[str, str]) -> str:
    """'Chris changed capacity of Confocal 2 from 1 to 3'; several changes become a list."""
    changes = [
        (field_label(log.object_type, field), before, after)
        for field, (before, after) in (
            (field, _pair(log.object_type, field, values)) for field, values in log.changes.items()
        )
    ]
    if len(changes) == 1:
        label, before, after = changes[0]
        if after == REDACTED:
            return _("%(actor)s changed %(field)s of %(object)s") % {**names, "field": label}
        return _("%(actor)s changed %(field)s of %(object)s from %(before)s to %(after)s") % {
            **names,
            "field": label,
            "before": before,
            "after": after,
        }
    return _("%(actor)s changed %(object)s: %(changes)s") % {
        **names,
        "changes": _join(
            _("%(field)s from %(before)s to %(after)s")
            % {"field": label, "before": before, "after": after}
            for label, before, after in changes
        ),
    }


def _pair(object_type: str, field: str, values: object) -> tuple[str, str]:
    """The value before and the value after, in words."""
    before, after = values if isinstance(values, list) and len(values) == 2 else (None, values)  # noqa: PLR2004
    return say_value(object_type, field, before), say_value(object_type, field, after)


def _join(parts: Iterable[str]) -> str:
    found = list(parts)
    rest = len(found) - _LONGEST_LIST
    if rest > 0:
        found = [*found[:_LONGEST_LIST], _("and %(n)d more") % {"n": rest}]
    return "; ".join(found)


def _tell_act(log: AuditLog, names: dict[str, str]) -> str:
    """An act of no known kind: 'Chris: sticker printed, Confocal 2'."""
    act = log.action.rpartition(".")[2].replace("_", " ")
    return _("%(actor)s: %(act)s, %(object)s") % {**names, "act": act}
