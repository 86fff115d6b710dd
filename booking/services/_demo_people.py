"""The people of the demonstration: the cast, and those who keep the instruments busy."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.demo import DEMO_CAST, DEMO_PASSWORD
from accounts.enums import Role
from accounts.models import User, UserPreferences, UserProfile

# With the cast of five these are 60.
_OTHERS: tuple[tuple[str, Role, int], ...] = (
    ("Student", Role.STUDENT, 26),
    ("Researcher", Role.RESEARCHER, 20),
    ("Academic", Role.ACADEMIC, 7),
    ("Manager", Role.LAB_MANAGER, 2),
)
_GROUPS = ("Cell biology", "Structural biology", "Organic chemistry", "Nanomaterials", "Optics")


def make_cast(now: datetime) -> dict[str, User]:
    """Those of the cast who have no account yet get one, all with the demo password."""
    names = [name for name, _role in DEMO_CAST]
    known = {user.username: user for user in User.objects.filter(username__in=names)}
    missing = [(name, role) for name, role in DEMO_CAST if name not in known]
    if missing:
        # One hash serves all: everybody knows the password anyway, and hashing is slow by design.
        password = make_password(DEMO_PASSWORD)
        made = _add_people(
            [_person(name, role, name.title(), "", password, now) for name, role in missing],
            groups=["Core facility" for _each in missing],
        )
        known |= {user.username: user for user in made}
    return known


def make_others(now: datetime, rng: random.Random) -> list[User]:
    """Students, researchers, academics and lab managers who cannot log in."""
    people = []
    for name, role, count in _OTHERS:
        for n in range(1, count + 1):
            joined = now - timedelta(days=rng.randint(90, 900))
            username = f"{name.lower()}{n:02}"
            person = _person(username, role, name, f"{n:02}", make_password(None), joined)
            person.public_id = UUID(int=rng.getrandbits(128), version=4)
            people.append(person)
    return _add_people(people, groups=[rng.choice(_GROUPS) for _each in people])


def _person(
    username: str, role: Role, first_name: str, last_name: str, password: str, joined: datetime
) -> User:
    return User(
        username=username,
        email=f"{username}@example.org",
        first_name=first_name,
        last_name=last_name,
        role=role,
        is_superuser=role == Role.SYSADMIN,
        password=password,
        date_joined=joined,
    )


def _add_people(people: Sequence[User], groups: Sequence[str]) -> list[User]:
    made = User.objects.bulk_create(people)
    UserProfile.objects.bulk_create(
        UserProfile(user=user, affiliation=group) for user, group in zip(made, groups, strict=True)
    )
    UserPreferences.objects.bulk_create(UserPreferences(user=user) for user in made)
    return made
