"""Who is let in."""

import pytest

from booking.rules import access
from tests.factories.requests import HOUR, NOW, ask


@pytest.mark.parametrize(
    ("restricted", "let_in", "refused"),
    [(False, False, False), (True, False, True), (True, True, False)],
)
def test_missing(restricted: bool, let_in: bool, refused: bool) -> None:
    refusal = access.has_access.ask(ask(requires_access=restricted, has_access=let_in))
    assert (refusal is not None) is refused
    assert refusal is None or (refusal.code, refusal.field) == ("access.missing", "resource")


@pytest.mark.parametrize(("hours", "refused"), [(1.5, True), (2, False), (None, False)])
def test_expires(hours: float | None, refused: bool) -> None:
    expires = None if hours is None else NOW + hours * HOUR
    refusal = access.access_lasts.ask(
        ask(requires_access=True, has_access=True, access_expires_at=expires)
    )
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "access.expires"


def test_expiry_is_nothing_without_restriction() -> None:
    assert access.access_lasts.ask(ask(has_access=True, access_expires_at=NOW)) is None
