"""Who may set the rules of second factors, and take somebody's away."""

from accounts.models import FactorReset, User
from accounts.permissions.grants import may


def can_set_factor_rules(actor: User) -> bool:
    """Whoever looks after security says which roles need a second factor."""
    return may(actor, "security.manage")


def can_ask_factor_reset(actor: User, user: User) -> bool:
    """Whoever looks after security may ask for anybody's reset but their own."""
    return actor.pk != user.pk and may(actor, "security.manage")


def can_agree_factor_reset(actor: User, reset: FactorReset) -> bool:
    """A second person agrees: neither the one who asked nor the owner."""
    return actor.pk not in (reset.asked_by_id, reset.user_id) and may(actor, "security.manage")


def can_withdraw_factor_reset(actor: User, reset: FactorReset) -> bool:
    """The owner refuses a reset that is not theirs; whoever looks after security takes it back."""
    return actor.pk == reset.user_id or may(actor, "security.manage")
