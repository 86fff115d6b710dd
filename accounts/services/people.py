"""What managers set for a person besides role and account."""

from datetime import datetime

from accounts.locks import lock_user
from accounts.models import Unit, User, UserProfile
from accounts.permissions.people import can_place_person
from accounts.services._refusals import require
from audit.services import record
from labitory.lib.db import run_transaction


def set_unit(*, actor: User, user: User, unit: Unit | None, now: datetime) -> None:
    """Say which unit of the organisation a person belongs to, or none."""
    require(can_place_person(actor, user), "person")

    def work() -> None:
        lock_user(user.pk)
        profile = UserProfile.objects.select_related("unit").get(user=user)
        before = profile.unit
        if before == unit:
            return
        profile.unit = unit
        profile.save(update_fields=["unit"])
        record(
            action="user.unit_changed",
            actor=actor,
            target=user,
            now=now,
            changes={"unit": (before, unit)},
        )

    run_transaction(work)
