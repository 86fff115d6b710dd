"""Units of the organisation and price classes."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from accounts.enums import UnitKind
from accounts.errors import AccountRefused
from accounts.models import ResearchGroup, Unit, User
from accounts.services.units import (
    UnitDetails,
    change_unit,
    create_unit,
    deactivate_unit,
    reactivate_unit,
    save_price_class,
)
from audit.models import AuditLog
from tests.factories.groups import make_group


def actions() -> list[str]:
    return list(AuditLog.objects.order_by("pk").values_list("action", flat=True))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AccountRefused) as raised:
        act()
    return raised.value.code


def faculty(actor: User, now: datetime, code: str = "sci") -> Unit:
    details = UnitDetails(kind=UnitKind.FACULTY, name=f"Faculty {code}", code=code)
    return create_unit(actor=actor, details=details, now=now)


def test_only_administrators_edit_the_organisation(cast: dict[str, User], now: datetime) -> None:
    for name, user in cast.items():
        if name != "dora":
            assert refusal(lambda: faculty(user, now)) == "permission.unit"  # noqa: B023
            assert refusal(
                lambda: save_price_class(actor=user, code="x", name="X", now=now)  # noqa: B023
            ) == ("permission.unit")
    faculty(cast["dora"], now)
    save_price_class(actor=cast["dora"], code="internal", name="Internal", now=now)
    save_price_class(
        actor=cast["dora"], code="internal", name="House", known_as="internal", now=now
    )
    assert actions() == ["unit.created", "price_class.created", "price_class.changed"]


@pytest.mark.parametrize(
    ("kind", "above", "code"),
    [
        (UnitKind.COLLEGE, None, "unit.level"),
        (UnitKind.DEPARTMENT, "faculty", "unit.level"),
        (UnitKind.FACULTY, "faculty", "unit.level"),
        (UnitKind.COLLEGE, "nothing", "unit.level"),
        (UnitKind.COLLEGE, "faculty", ""),
    ],
)
def test_each_kind_lies_one_level_below(
    dora: User, now: datetime, kind: UnitKind, above: str | None, code: str
) -> None:
    top = faculty(dora, now)
    parent = {"faculty": top.public_id, "nothing": uuid4(), None: None}[above]
    details = UnitDetails(kind=kind, name="Part", code="part", parent_id=parent)

    def make() -> Unit:
        return create_unit(actor=dora, details=details, now=now)

    if code:
        assert refusal(make) == code
    else:
        assert make().parent == top


def test_units_move_close_and_open_in_order(dora: User, ben: User, now: datetime) -> None:
    first, second = faculty(dora, now), faculty(dora, now, "arts")
    details = UnitDetails(
        kind=UnitKind.COLLEGE, name="Physics", code="phy", parent_id=first.public_id
    )
    college = create_unit(actor=dora, details=details, now=now)
    as_college = UnitDetails(
        kind=UnitKind.COLLEGE, name="Science", code="sci", parent_id=second.public_id
    )
    assert refusal(
        lambda: change_unit(actor=dora, unit_id=first.public_id, details=as_college, now=now)
    ) == ("unit.has_parts")
    moved = UnitDetails(
        kind=UnitKind.COLLEGE, name="Physics", code="phy", parent_id=second.public_id
    )
    change_unit(actor=dora, unit_id=college.public_id, details=moved, now=now)

    def close(unit: Unit) -> Unit:
        return deactivate_unit(actor=dora, unit_id=unit.public_id, now=now)

    assert refusal(lambda: close(second)) == "unit.in_use"
    group = make_group("Optics", ben, unit=college)
    assert refusal(lambda: close(college)) == "unit.in_use"
    ResearchGroup.objects.filter(pk=group.pk).update(is_active=False)
    close(college)
    close(second)
    assert (
        refusal(lambda: reactivate_unit(actor=dora, unit_id=college.public_id, now=now))
        == "unit.parent_closed"
    )
    reactivate_unit(actor=dora, unit_id=second.public_id, now=now)
    reactivate_unit(actor=dora, unit_id=college.public_id, now=now)
    assert Unit.objects.filter(is_active=True).count() == 3


def test_a_code_is_used_once(dora: User, now: datetime) -> None:
    faculty(dora, now)
    assert refusal(lambda: faculty(dora, now)) in ("unit.code_taken", "unit.name_taken")
