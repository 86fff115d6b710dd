"""Who needs a risk assessment: `assessment.required`."""

from datetime import date

import pytest

from booking.rules.assessments import has_risk_assessment
from booking.rules.request import AssessmentFacts
from tests.factories.requests import ask, span


@pytest.mark.parametrize(
    ("required", "found", "refused"),
    [
        (False, None, False),
        (True, None, True),
        (True, AssessmentFacts(), False),
        (True, AssessmentFacts(review_on=date(2026, 3, 2)), False),
        (True, AssessmentFacts(review_on=date(2026, 3, 1)), True),
    ],
)
def test_required(required: bool, found: AssessmentFacts | None, refused: bool) -> None:
    refusal = has_risk_assessment.ask(ask(requires_assessment=required, assessment=found))
    assert (refusal is not None) is refused
    assert refusal is None or (refusal.code, refusal.field) == ("assessment.required", "resource")


def test_it_counts_for_the_day_on_which_the_work_ends() -> None:
    facts = {
        "requires_assessment": True,
        "assessment": AssessmentFacts(review_on=date(2026, 3, 2)),
    }
    # Monday 8:00 in the lab: until midnight is still Monday, a minute later it is not.
    assert has_risk_assessment.ask(ask(span(1, 16), **facts)) is None
    refusal = has_risk_assessment.ask(ask(span(1, 16.02), **facts))
    assert refusal is not None
    assert "2 Mar 2026" in refusal.text
    assert refusal.facts["review_on"] == "2026-03-02"
