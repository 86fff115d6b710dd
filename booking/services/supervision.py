"""Who answers for somebody's work in the lab."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused, NotAllowed
from booking.models import Supervision
from booking.permissions import can_set_supervisor
from labitory.lib.db import run_transaction


def set_supervisor(
    *, actor: User, user: User, supervisor: User | None, now: datetime
) -> Supervision | None:
    """Say who supervises somebody; None is nobody.

    What waits for the earlier one stays with them. Raises `NotAllowed` and `ActionRefused`.
    """
    if not can_set_supervisor(actor, user):
        raise NotAllowed(
            code="permission.supervisor",
            text=_("Only those who make accounts name supervisors, and never their own."),
            needs="user.create",
        )
    if supervisor is not None and (supervisor.pk == user.pk or not supervisor.is_active):
        raise ActionRefused(
            code="supervision.person",
            text=_("Choose somebody else with an open account."),
            field="supervisor",
            status=422,
        )

    def work() -> Supervision | None:
        lock_user(user.pk)
        old = Supervision.objects.select_related("supervisor").filter(user=user).first()
        if (old.supervisor_id if old else None) == (supervisor.pk if supervisor else None):
            return old
        record(
            action="user.supervisor_changed",
            actor=actor,
            target=user,
            now=now,
            changes={"supervisor": (old.supervisor if old else None, supervisor)},
            facts={"user": supervisor.full_name} if supervisor else {},
        )
        if supervisor is None:
            Supervision.objects.filter(user=user).delete()
            return None
        made, _is_new = Supervision.objects.update_or_create(
            user=user, defaults={"supervisor": supervisor, "since": now}
        )
        return made

    return run_transaction(work)
