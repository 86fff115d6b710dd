"""The references that are made from the code: one function a file of docs/."""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from accounts.permissions.matrix import permissions_reference
from audit.alarms import ALARMS
from audit.security_kinds import SECURITY_KINDS
from booking.enums import LIMIT_WORDS, Limit
from booking.notifications.reference import events_reference as events
from booking.rules import RULES

_HEAD = "<!-- Made by `./dev manage write_docs`; do not edit. -->\n\n"
_SETTING = re.compile(
    r"env\.(?P<kind>text|integers?|boolean|words|rate|time_zone|currency)"
    r"\(\s*f?\"(?P<name>(?:[A-Z_]|\{word\})+)\""
    r"(?:,\s*(?:default=)?(?P<default>\"[^\"]*\"|[\w.]+(?:\([^)]*\))?))?"
)
_IN_HOME = re.compile(r"str\(HOME / \"(\w+)\"\)")
# Defaults that are worked out, in words.
_WORKED_OUT = {
    "https_and_first_host": "`https://` and the first of `ALLOWED_HOSTS`",
    "default": "the database that `./dev` starts; required in production",
}


def rules_reference() -> str:
    """Every rule in its order: code, the rule in words, who may override it."""
    lines = [
        "# Rules\n",
        "Every booking is asked all of these, in this order; all refusals come at once.\n",
        "| Code | Rule | May be overridden by |",
        "|---|---|---|",
    ]
    for rule in RULES:
        who = "nobody" if rule.overridable_by is None else str(rule.overridable_by.label).lower()
        lines.append(f"| `{rule.code}` | {rule.text} | {who} |")
    lines += [
        "",
        "## Limits\n",
        "The numbers are policy rows: for a role or all, on a resource, a type or all. The most",
        "specific row wins; an empty value lifts the limit. A limit counts where it is set: on a",
        "resource its bookings, on a type those of the type, else all of a person's.\n",
        "| Limit | Meaning | Unit |",
        "|---|---|---|",
    ]
    for limit in Limit:
        lines.append(f"| `{limit.value}` | {limit.label} | {LIMIT_WORDS[limit]} |")
    return _HEAD + "\n".join(lines) + "\n"


def settings_reference() -> str:
    """Every environment variable that a settings module reads, and its default."""
    lines = [
        "# Settings\n",
        "Read from the environment. A secret may be given as `NAME_FILE`, the path of a file that",
        "holds it. Values that are missing or wrong are all named at once when Labitory starts.\n",
        "| Variable | Kind | Default | Read in |",
        "|---|---|---|---|",
    ]
    folder = Path(settings.BASE_DIR) / "labitory/settings"
    for module in ("base", "components/sso", "components/saml", "production", "env"):
        text = (folder / f"{module}.py").read_text(encoding="utf-8")
        for found in _SETTING.finditer(text):
            default = _say_default(found["default"])
            where = "every environment" if module != "production" else "production"
            # What is there once, and again for each that has a name of its own.
            names = {found["name"].replace("{word}", word): None for word in ("", "<NAME>_")}
            lines += [f"| `{name}` | {found['kind']} | {default} | {where} |" for name in names]
    return _HEAD + "\n".join(lines) + "\n"


def _say_default(written: str | None) -> str:
    """What counts where a variable is missing, in words where the code works it out."""
    if written is None:
        return "required"
    if in_home := _IN_HOME.fullmatch(written):
        return f"`LABITORY_HOME`/{in_home[1]}"
    if written.startswith('"'):
        return written.strip('"') or "empty"
    if written in ("True", "False"):
        return "yes" if written == "True" else "no"
    number = written.replace("_", "")
    return number if number.isdecimal() else _WORKED_OUT[written]


def commands_reference() -> str:
    """Every management command of our own, in its own words."""
    lines = ["# Commands\n", "| Command | What it does |", "|---|---|"]
    own = ("labitory", "booking", "accounts", "audit", "analytics")
    for name, app in sorted(get_commands().items()):
        label = app if isinstance(app, str) else app.__module__
        if label.partition(".")[0] in own:
            lines.append(f"| `{name}` | {load_command_class(label, name).help} |")
    return _HEAD + "\n".join(lines) + "\n"


def events_reference() -> str:
    """Every kind of event and who hears of it."""
    return _HEAD + events()


def security_events_reference() -> str:
    """Every kind of security event, and the rules that raise an alarm."""
    lines = [
        "# Security events\n",
        "Each is a row of the stream at `/audit/security` and a line of the logger",
        "`labitory.security`. The caller may raise the severity, never the kind.\n",
        "| Kind | Severity | Says |",
        "|---|---|---|",
    ]
    for kind, known in sorted(SECURITY_KINDS.items()):
        lines.append(f"| `{kind}` | {known.severity.label} | {known.words} |")
    lines += [
        "",
        "## Alarms\n",
        "One alarm a rule and subject is open at a time. From `Warning` on the system",
        "administrators have a mail. Numbers and severity are changed in the admin.\n",
        "| Rule | Watches | From how many | Within minutes | Severity | Says |",
        "|---|---|---|---|---|---|",
    ]
    for alarm in ALARMS:
        kinds = ", ".join(f"`{kind}`" for kind in sorted(alarm.kinds))
        lines.append(
            f"| `{alarm.code}` | {kinds} | {alarm.threshold} | {alarm.minutes} "
            f"| {alarm.severity.label} | {alarm.words} |"
        )
    return _HEAD + "\n".join(lines) + "\n"


def openapi_reference() -> str:
    """The programming interface, as its own address describes it."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    text: str = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()  # type: ignore[no-untyped-call]
    return text


REFERENCES: dict[str, Callable[[], str]] = {
    "rules.md": rules_reference,
    "settings.md": settings_reference,
    "commands.md": commands_reference,
    "events.md": events_reference,
    "permissions.md": lambda: _HEAD + permissions_reference(),
    "security-events.md": security_events_reference,
    "openapi.yaml": openapi_reference,
}
