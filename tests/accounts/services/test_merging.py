"""Two accounts of one person: everything moves, keys and rights do not."""

from datetime import datetime, timedelta

import pytest

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import (
    BackupCode,
    GroupMember,
    ProjectMember,
    ResearchGroup,
    RoleDefinition,
    RoleGrant,
    User,
    UserProfile,
)
from accounts.services.merging import Merge, merge_users
from audit.models import AuditLog
from booking.models import Booking, FavouriteResource, Resource, ResourceAccess
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group, make_project


@pytest.fixture
def double(ada: User, eve: User, ben: User, microscope: Resource, now: datetime) -> User:
    """Eve, who is Ada once more: bookings, groups and keys of her own, some as Ada's."""
    group = make_group("Optics", ben, ada, eve)
    make_group("Hers", eve)
    make_project("Light", group, eve)
    make_booking(eve, microscope, now + timedelta(hours=5))
    for user in (ada, eve):
        FavouriteResource.objects.create(user=user, resource=microscope)
    ResourceAccess.objects.create(user=eve, resource=microscope, granted_by=eve)
    BackupCode.objects.create(user=eve, code_hash="x", made_at=now)
    role = RoleDefinition.objects.create(code="r", name="R", permissions=["audit.view"])
    RoleGrant.objects.create(user=eve, role=role, granted_at=now)
    UserProfile.objects.filter(user=eve).update(affiliation="Optics")
    return eve


def merge(actor: User, keep: User, lose: User, now: datetime, **how: bool) -> Merge:
    return merge_users(actor=actor, keep=keep, lose=lose, now=now, reason="Double", **how)


def test_everything_moves_but_keys_and_rights(
    ada: User, dora: User, double: User, now: datetime
) -> None:
    done = merge(dora, ada, double, now)
    assert done.is_written
    booking = Booking.objects.get()
    assert (booking.user, booking.created_by) == (ada, ada)
    assert GroupMember.objects.get().user == ada
    assert ProjectMember.objects.get().user == ada
    assert ResearchGroup.objects.get(name="Hers").lead == ada
    assert FavouriteResource.objects.get().user == ada
    access = ResourceAccess.objects.get()
    assert (access.user, access.granted_by) == (ada, ada)
    assert not BackupCode.objects.exists()
    assert RoleGrant.objects.get().user == double
    assert UserProfile.objects.get(user=ada).affiliation == "Optics"
    double.refresh_from_db()
    assert not double.is_active
    doubles = {each.what: each.doubles for each in done.rows if each.doubles}
    assert sum(doubles.values()) == 2
    log = AuditLog.objects.get(action="user.merged")
    assert (log.facts["username"], log.reason) == ("eve", "Double")
    assert AuditLog.objects.filter(action="user.deactivated", object_id=str(double.pk)).exists()


def test_a_dry_run_lists_and_changes_nothing(
    ada: User, dora: User, double: User, now: datetime
) -> None:
    done = merge(dora, ada, double, now, dry_run=True)
    assert not done.is_written
    assert sum(each.moved for each in done.rows) > 4
    assert sum(each.ended for each in done.rows) == 1
    assert Booking.objects.get().user == double
    assert BackupCode.objects.exists()
    assert GroupMember.objects.count() == 2
    assert not AuditLog.objects.exists()
    double.refresh_from_db()
    assert double.is_active


def test_the_role_of_the_one_that_stays_stays(
    ada: User, chris: User, dora: User, now: datetime
) -> None:
    merge(dora, ada, chris, now)
    ada.refresh_from_db()
    assert ada.role == Role.STUDENT


def test_who_may_merge_whom(cast: dict[str, User], now: datetime) -> None:
    ada, eve, dora = cast["ada"], cast["eve"], cast["dora"]
    tries = [(cast[name], ada, eve) for name in ("ada", "ben", "chris", "eve")]
    for actor, keep, lose in [*tries, (dora, dora, ada), (dora, ada, dora)]:
        with pytest.raises(AccountRefused) as raised:
            merge(actor, keep, lose, now)
        assert raised.value.code == "permission.merge"
    with pytest.raises(AccountRefused) as raised:
        merge(dora, ada, ada, now)
    assert raised.value.code == "merge.same"
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(AccountRefused) as raised:
        merge(dora, ada, eve, now)
    assert raised.value.code == "merge.closed"
    assert User.objects.get(pk=eve.pk).is_active
