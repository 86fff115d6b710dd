"""Words, codes and redaction."""

import pytest

from labitory.lib.crypto import new_token
from labitory.lib.text import (
    CODE_ALPHABET,
    REDACTED,
    new_code,
    redact,
    redact_event,
    say_minutes,
)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour"),
        (90, "1 hour 30 minutes"),
        (1440, "1 day"),
        (20160, "14 days"),
    ],
)
def test_minutes(minutes: int, words: str) -> None:
    assert say_minutes(minutes) == words


def test_secrets_are_redacted_at_any_depth() -> None:
    clean = redact({"password": "x", "user": {"api_key": "y", "name": "Ada"}, "n": 1})
    assert clean == {"password": REDACTED, "user": {"api_key": REDACTED, "name": "Ada"}, "n": 1}
    assert redact({"sent": [{"token": "z"}, ("a",)]}) == {"sent": [{"token": REDACTED}, ("a",)]}


def test_codes_can_be_read_aloud() -> None:
    codes = {new_code() for _n in range(200)}
    assert len(codes) > 190
    assert all(set(code) <= set(CODE_ALPHABET) for code in codes)


def test_addresses_that_are_keys_are_not_written_down() -> None:
    token = new_token()
    event = {"event": f"Internal Server Error: /feeds/{token}.ics", "path": f"/feeds/{token}.ics"}
    clean = redact_event(None, "error", event)
    assert clean["path"] == f"/feeds/{REDACTED}.ics"
    assert token not in str(clean)
