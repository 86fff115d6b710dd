"""The row locks on people."""

from accounts.models import User


def lock_user(user_id: int) -> User:
    """Hold a person's row, so that two tabs of one person count each other's bookings.

    NO KEY: a plain FOR UPDATE would block every insert that refers to the person.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)
