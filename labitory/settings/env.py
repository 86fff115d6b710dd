"""Typed reading of the environment: every problem is collected and told at once."""

import os
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

from labitory.lib.money import CURRENCIES

T = TypeVar("T")

# Shorter keys could be guessed.
_KEY_LENGTH = 32
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class Environment:
    """Reads values by name, remembers what is missing or wrong, and reports all of it together.

    A secret may be given as `NAME_FILE`, the path of a file that holds it.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """A text value; without a default it is required."""
        value = self._raw(name)
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is missing: set {name}, or {name}_FILE to a file with it")
            return ""
        return default

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number within `low` and `high`."""

        def convert(value: str) -> int:
            number = int(value)
            if not low <= number <= high:
                raise ValueError
            return number

        return self._converted(name, default, convert, f"a whole number from {low} to {high}")

    def boolean(self, name: str, *, default: bool) -> bool:
        """A switch: 1/true/yes/on or 0/false/no/off."""

        def convert(value: str) -> bool:
            word = value.lower()
            if word not in _TRUE | _FALSE:
                raise ValueError
            return word in _TRUE

        return self._converted(name, default, convert, "one of true, false, yes, no, on, off, 1, 0")

    def time_zone(self, name: str, default: str) -> str:
        """The name of a time zone."""

        def convert(value: str) -> str:
            if value not in available_timezones():
                raise ValueError
            return value

        return self._converted(name, default, convert, "a time zone such as Europe/Berlin")

    def currency(self, name: str, default: str) -> str:
        """A currency by its code of ISO 4217."""

        def convert(value: str) -> str:
            if value not in CURRENCIES:
                raise ValueError
            return value

        return self._converted(name, default, convert, "a currency of ISO 4217 such as EUR")

    def rate(self, name: str, default: str) -> str:
        """So many a period: 10/m."""

        def convert(value: str) -> str:
            if not re.fullmatch(r"[0-9]+/(s|m|h|d|sec|min|hour|day)", value):
                raise ValueError
            return value

        return self._converted(name, default, convert, "a count and a period such as 10/m or 5/h")

    def words(self, name: str, default: str | None = None) -> list[str]:
        """A list, separated by commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def integers(self, name: str, default: str, *, low: int, high: int) -> list[int]:
        """A list of whole numbers between two bounds, separated by commas; empty is none."""
        found = []
        for word in self.words(name, default):
            holds = word.isascii() and word.isdigit() and low <= int(word) <= high
            self.require(holds, f"{name} must be whole numbers from {low} to {high}")
            found += [int(word)] if holds else []
        return found

    def require(self, holds: bool, problem: str) -> None:
        """Note a problem unless the condition holds."""
        if not holds:
            self.problems.append(problem)

    def finish(self) -> None:
        """Stop the start when anything was missing or wrong, naming each."""
        if self.problems:
            # Django may import a settings module twice in its search for the reason.
            listed = "\n".join(f"  - {problem}" for problem in dict.fromkeys(self.problems))
            raise ImproperlyConfigured(f"The environment is not complete:\n{listed}")

    def _raw(self, name: str) -> str:
        path = self.values.get(f"{name}_FILE", "")
        if not path:
            return self.values.get(name, "").strip()
        if self.values.get(name):
            self.problems.append(f"{name} and {name}_FILE are both set: keep one of them")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            self.problems.append(f"{name}_FILE={path} cannot be read: {reason}")
            return ""

    def _converted(self, name: str, default: T, convert: Callable[[str], T], wanted: str) -> T:
        value = self._raw(name)
        if not value:
            return default
        try:
            return convert(value)
        except ValueError:
            self.problems.append(f"{name}={value!r} is wrong: it must be {wanted}")
            return default


def database(env: Environment, *, default: str | None = None) -> dict[str, object]:
    """Django's database settings from `DATABASE_URL` (postgresql://user:password@host:port/name).

    A unix socket is named as `?host=/its/directory`. Options beyond `host` go to libpq.
    """
    url = env.text("DATABASE_URL", default)
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError:
        # A port that is no number, or half an IPv6 address.
        parts, port = urlsplit("wrong:"), ""
    if url:
        env.require(
            parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1,
            "DATABASE_URL is wrong: it must read postgresql://user:password@host:port/name",
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", parts.hostname or ""))
    size = env.integer("DATABASE_POOL_SIZE", 12, low=1, high=200)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": size, "timeout": 10}},
        # A transaction-pooling PgBouncer in front must keep working.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def networks(env: Environment, name: str, given: list[str]) -> list[str]:
    """Addresses and networks (10.0.0.0/8), each checked."""
    for word in given:
        try:
            ip_network(word, strict=False)
        except ValueError:
            env.problems.append(f"{name} is wrong at {word!r}: it must be an address or a network")
    return given


def celery_broker(redis_url: str) -> str:
    """Celery's spelling of a Redis address: a unix socket is `redis+socket://` there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


def field_keys(env: Environment, secret_key: str) -> dict[str, str]:
    """The keys of encrypted columns by name, the current one first.

    `FIELD_KEYS` reads `name:key,oldname:oldkey`; without it the secret key encrypts.
    """
    found: dict[str, str] = {}
    for pair in env.words("FIELD_KEYS", ""):
        name, _colon, key = pair.partition(":")
        env.require(
            bool(name) and len(key) >= _KEY_LENGTH and name not in found,
            f"FIELD_KEYS is wrong at {name!r}: it must read name:key,oldname:oldkey, "
            f"each key at least {_KEY_LENGTH} random characters",
        )
        found[name] = key
    return found or {"site": secret_key}
