"""Taking lists of people and their organisation out, as files."""

import csv
import io
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import GroupMember, User
from accounts.permissions.people import can_view_people
from accounts.queries.people import PeopleFilters, people
from audit.services import record
from audit.services.data_access import record_access
from audit.services.security import record_security
from booking.errors import NotAllowed
from labitory.lib.db import run_transaction

COLUMNS = (
    "username",
    "email",
    "first_name",
    "last_name",
    "role",
    "unit",
    "groups",
    "active",
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def people_csv(*, actor: User, filters: PeopleFilters, now: datetime) -> str:
    """The people that the filters leave, as a file that `import_people` reads.

    Who took it is kept. Raises NotAllowed.
    """
    if not can_view_people(actor):
        raise NotAllowed(
            code="permission.export",
            text=_("Only those who may see the contact data of others take the list out."),
            needs="user.view_personal",
        )

    def work() -> str:
        content, rows = write_people(people(filters))
        number = len(rows)
        record_access(viewer=actor, subjects=rows, what="person.file", now=now)
        record(
            action="people.exported", actor=actor, target=actor, now=now, facts={"people": number}
        )
        record_security(
            kind="data.exported", actor=actor, facts={"what": "people", "rows": number}, now=now
        )
        return content

    return run_transaction(work)


def write_people(found: "QuerySet[User]") -> tuple[str, list[User]]:
    """The rows of these people, and who they are."""
    members = GroupMember.objects.select_related("group").order_by("group__name")
    rows = list(found.prefetch_related(Prefetch("group_memberships", members)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for user in rows:
        unit = user.profile.unit
        writer.writerow(
            safe_cell(value)
            for value in (
                user.username,
                user.email,
                user.first_name,
                user.last_name,
                Role(user.role).value,
                unit.code if unit else "",
                "; ".join(each.group.name for each in user.group_memberships.all()),
                "yes" if user.is_active else "no",
            )
        )
    return out.getvalue(), rows


def safe_cell(value: str) -> str:
    """The value, with a quote before what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
