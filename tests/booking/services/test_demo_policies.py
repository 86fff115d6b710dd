"""Policies as text in the demonstration."""

from datetime import datetime

import pytest

from accounts.models import User
from booking.models import PolicySet, PolicyTrial
from booking.queries.policy_trials import outcome_of
from booking.services.policy_sets import compare_sets, export_policies, preview_policies
from tests.booking.services.conftest import DemoAt

pytestmark = pytest.mark.django_db


def test_the_first_version_is_in_force_and_one_trial_is_done(
    now: datetime, demo_at: DemoAt
) -> None:
    demo_at(now)
    chris = User.objects.get(username="chris")
    first = PolicySet.objects.get()
    assert compare_sets(actor=chris, before=first, after=None) == ()
    assert export_policies(actor=chris) == first.text
    found = preview_policies(actor=chris, text=first.text, now=now)
    assert (found.changes, found.failing, found.examples) == ((), (), 5)
    trial = PolicyTrial.objects.get()
    said = outcome_of(trial)
    assert said is not None
    assert trial.done == trial.total > 0
    assert said.refused > said.present
    assert said.examples
