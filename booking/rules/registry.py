"""How a function becomes a rule."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.request import BookingRequest

Check = Callable[[BookingRequest], Refusal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its code, who may override it, and the function that decides."""

    code: str
    overridable_by: Role | None
    check: Check

    def ask(self, request: BookingRequest) -> Refusal | None:
        """The rule's answer; a refusal names who may override it."""
        refusal = self.check(request)
        return None if refusal is None else replace(refusal, overridable_by=self.overridable_by)

    @property
    def text(self) -> str:
        """The rule in the user's words: the first line of its docstring."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


def rule(code: str, *, overridable_by: Role | None = None) -> Callable[[Check], Rule]:
    """Make a function a rule. The refusals it gives carry the rule's code and overrider."""

    def decorate(check: Check) -> Rule:
        return Rule(code=code, overridable_by=overridable_by, check=check)

    return decorate
