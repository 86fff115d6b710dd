"""How long, how soon and how far ahead."""

import pytest

from booking.enums import Limit
from booking.rules import lead_times
from booking.rules.registry import Rule
from labitory.lib.periods import Period
from tests.factories.requests import ask, limited, span


@pytest.mark.parametrize(
    ("rule", "code", "limit", "value", "period", "refused"),
    [
        (lead_times.long_enough, "length.minimum", Limit.MIN_LENGTH, 60, span(1, 1.75), True),
        (lead_times.long_enough, "length.minimum", Limit.MIN_LENGTH, 60, span(1, 2), False),
        (lead_times.short_enough, "length.maximum", Limit.MAX_LENGTH, 60, span(1, 2.25), True),
        (lead_times.short_enough, "length.maximum", Limit.MAX_LENGTH, 60, span(1, 2), False),
        (lead_times.soon_enough_asked, "lead.too_soon", Limit.LEAD_TIME, 90, span(1, 2), True),
        (lead_times.soon_enough_asked, "lead.too_soon", Limit.LEAD_TIME, 60, span(1, 2), False),
        (lead_times.not_too_far_ahead, "lead.horizon", Limit.HORIZON, 60, span(1, 2), True),
        (lead_times.not_too_far_ahead, "lead.horizon", Limit.HORIZON, 120, span(1, 2), False),
    ],
)
def test_limits(
    rule: Rule, code: str, limit: Limit, value: int, period: Period, refused: bool
) -> None:
    refusal = rule.ask(limited(limit, value, period))
    assert (refusal is not None) is refused
    if refusal:
        assert (refusal.code, refusal.facts["limit_minutes"]) == (code, value)
    assert rule.ask(ask(period)) is None
