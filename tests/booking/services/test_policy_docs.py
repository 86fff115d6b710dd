"""The page about policies as text: its example holds, and it names all that can be written."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from accounts.enums import Role
from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Limit, QuotaHolder, QuotaPeriod
from booking.errors import BookingRefused
from booking.models import ApprovalPolicy, BookingPolicy, Price, Quota, Resource
from booking.services.policy_sets import apply_policies, export_policies, preview_policies

PAGE = (Path(__file__).resolve().parents[3] / "docs/policy-sets.md").read_text(encoding="utf-8")


def example() -> str:
    [found] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.mark.django_db
def test_the_example_is_applied_and_comes_back(
    chris: User, microscope: Resource, now: datetime
) -> None:
    found = preview_policies(actor=chris, text=example(), now=now)
    assert found.failing == ()
    assert found.examples == 7
    made = apply_policies(actor=chris, text=example(), now=now, seen=found.seen)
    assert made is not None
    assert BookingPolicy.objects.count() == 8
    assert ApprovalPolicy.objects.count() == 2
    assert Quota.objects.count() == 3
    assert Price.objects.count() == 2
    text = export_policies(actor=chris)
    assert apply_policies(actor=chris, text=text, now=now) is None


@pytest.mark.parametrize(
    "word",
    [
        *Limit.values,
        *Role.values,
        *ApprovalMode.values,
        *ApproverKind.values,
        *QuotaHolder.values,
        *sorted(set(QuotaPeriod.values) - {QuotaPeriod.ROLLING.value}),
    ],
)
def test_every_word_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.django_db
@pytest.mark.parametrize("section", ["limits", "approvals", "quotas", "prices", "examples"])
def test_every_name_is_explained(
    chris: User, microscope: Resource, now: datetime, section: str
) -> None:
    """A name that nobody knows is answered with all that are known: the page has these."""
    text = f"title: x\nlimits: []\n{section}:\n- {{nonsense: 1}}\n"
    if section == "limits":
        text = "title: x\nlimits:\n- {nonsense: 1}\n"
    with pytest.raises(BookingRefused) as caught:
        preview_policies(actor=chris, text=text, now=now)
    said = " ".join(each.text for each in caught.value.refusals)
    known = re.search(r"not known here\. Known: ([^.]+)\.", said)
    assert known
    for name in known[1].split(", "):
        assert re.search(rf"`{name}:?`", PAGE), name
