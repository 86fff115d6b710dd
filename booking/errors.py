"""How services say no."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.permissions import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A legal booking near the one that was refused, ready to be taken with one tap.

    `kind` is `earlier`, `later`, `shorter` or `other_resource`.
    """

    kind: str
    resource_id: UUID
    resource_name: str
    start_time: datetime
    end_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One rule's no: a stable code, a text with the limit and the way out, and its facts.

    `overridable_by` is the lowest role that usually overrides it, or None when nobody may.
    `field` is the form field it belongs to.
    """

    code: str
    text: str
    overridable_by: Role | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    field: str = "start_time"

    @property
    def is_overridable(self) -> bool:
        """Whether anybody may override it; whether this person may is asked of permissions."""
        return self.overridable_by is not None


class BookingError(Exception):
    """Any no of this app; `refusals` say why and `repairs` what would be legal."""

    def __init__(
        self, refusals: Sequence[Refusal], repairs: Sequence[Repair] = (), status: int = 422
    ) -> None:
        super().__init__("; ".join(refusal.code for refusal in refusals))
        self.refusals = tuple(refusals)
        self.repairs = tuple(repairs)
        self.status = status


class BookingRefused(BookingError):
    """The rules say no. 422."""


class SlotTaken(BookingRefused):
    """Somebody else has the time, whether a rule saw it or the database's last no. 409."""

    def __init__(self, refusals: Sequence[Refusal], repairs: Sequence[Repair] = ()) -> None:
        super().__init__(refusals, repairs, status=409)


class ActionRefused(BookingError):
    """What was asked does not fit the state of things (cancel a completed booking). 409."""

    def __init__(
        self,
        *,
        code: str,
        text: str,
        field: str = "",
        status: int = 409,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        refusal = Refusal(code=code, text=text, field=field, facts=facts or {})
        super().__init__([refusal], status=status)


class BookingOver(ActionRefused):
    """The booking is no longer open, or its time is over. 409."""

    def __init__(self, status: str) -> None:
        text = _("This booking is %(status)s or over: it can no longer be changed.")
        super().__init__(code="booking.over", text=text % {"status": status})


class NotAllowed(BookingError):
    """The person may not do this. 403. `needs` is the permission that they lack, if it is one."""

    def __init__(
        self, *, code: str, text: str, needs: str = "", where: Where | None = None
    ) -> None:
        super().__init__([Refusal(code=code, text=text, field="")], status=403)
        self.needs = needs
        self.where = where


def unknown_resources(missing: Sequence[UUID]) -> BookingRefused:
    """The no to a wish without resources, with one twice, or with one that does not exist."""
    refusal = Refusal(
        code="resource.unknown",
        text=_("Choose one or more different resources that exist."),
        facts={"unknown": [str(key) for key in missing]},
        field="resource",
    )
    return BookingRefused([refusal])
