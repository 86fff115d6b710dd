"""Reading accounts."""

from typing import Any

from accounts.models import User


def profile_values(user: User) -> dict[str, Any]:
    """Names, contact and preferences of a person, by field, as the profile page edits them."""
    found = (
        User.objects.filter(pk=user.pk)
        .values(
            "first_name",
            "last_name",
            "profile__phone",
            "profile__emergency_contact",
            "profile__affiliation",
            "preferences__time_zone",
            "preferences__date_format",
            "preferences__time_format",
            "preferences__theme",
            "preferences__language",
            "preferences__show_name",
        )
        .get()
    )
    return {name.rpartition("__")[2]: value for name, value in found.items()}
