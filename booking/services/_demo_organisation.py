"""The organisation of the demonstration: two faculties, groups for everybody, their projects."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.enums import Role, UnitKind
from accounts.models import (
    GroupMember,
    JoinRequest,
    PriceClass,
    Project,
    ProjectMember,
    ResearchGroup,
    Unit,
    User,
    UserProfile,
)
from booking.models import Booking, ProjectResource, Resource

_TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "Faculty of Life Sciences": {
        "College of Biology": ("Department of Cell Biology", "Department of Structural Biology"),
    },
    "Faculty of Natural Sciences": {
        "College of Chemistry": ("Department of Organic Chemistry",),
        "College of Physics": ("Department of Optics", "Department of Materials"),
    },
}
# Name as in the profiles, department, price class, two projects with their account codes.
_GROUPS: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Cell biology",
        "Department of Cell Biology",
        "internal",
        (("Live cell imaging", "CB-1042"), ("Organoids", "CB-2007")),
    ),
    (
        "Structural biology",
        "Department of Structural Biology",
        "internal",
        (("Membrane proteins", "SB-1100"), ("Cryo pipeline", "SB-1307")),
    ),
    (
        "Organic chemistry",
        "Department of Organic Chemistry",
        "internal",
        (("Catalysis", "OC-3301"), ("Natural products", "OC-3318")),
    ),
    (
        "Nanomaterials",
        "Department of Materials",
        "partner",
        (("Thin films", "NM-4120"), ("Batteries", "NM-4155")),
    ),
    ("Optics", "Department of Optics", "partner", (("Single photons", "OP-5001"),)),
)
_PRICES = (
    ("internal", "Internal"),
    ("partner", "Academic partner"),
    ("industry", "Industry"),
)
_IMAGING = "Confocal"


def make_organisation(*, cast: dict[str, User], others: Sequence[User], now: datetime) -> None:
    """Units, price classes, groups and projects; Ben leads Ada's group, Eve wants to join it."""
    rng = random.Random("organisation")  # noqa: S311 - nothing secret
    units = _make_units(rng)
    prices = {code: PriceClass.objects.create(code=code, name=name) for code, name in _PRICES}
    leaders = [cast["ben"], *(each for each in others if each.role == Role.ACADEMIC)]
    today = now.astimezone(ZoneInfo(settings.LAB_TIME_ZONE)).date()
    for (name, department, price, projects), lead in zip(_GROUPS, leaders, strict=False):
        unit = units[department]
        group = ResearchGroup.objects.create(
            public_id=_uuid(rng), name=name, unit=unit, lead=lead, price_class=prices[price]
        )
        people = _people_of(name, others, lead)
        if lead == cast["ben"]:
            people.append(cast["ada"])
        _add_members(group, people, now)
        for place, (title, code) in enumerate(projects):
            project = _make_project(group, title, code, today, rng)
            _charge(project, people if place == 0 else people[::3], now)
        users = [lead.pk, *(each.pk for each in people)]
        UserProfile.objects.filter(user__in=users).update(unit=unit, affiliation=name)
        charged = group.projects.get(name=projects[0][0])
        Booking.objects.filter(user__in=users).update(project=charged)
    JoinRequest.objects.create(
        public_id=_uuid(rng),
        group=ResearchGroup.objects.get(lead=cast["ben"]),
        user=cast["eve"],
        message="I start my thesis with you next month.",
        asked_at=now - timedelta(days=1),
    )


def _make_units(rng: random.Random) -> dict[str, Unit]:
    made: dict[str, Unit] = {}

    def make(kind: UnitKind, name: str, parent: Unit | None) -> Unit:
        code = "-".join(word for word in name.lower().split()[2:] if word != "of")
        made[name] = Unit.objects.create(
            public_id=_uuid(rng), kind=kind, name=name, code=f"{kind[:3]}-{code}", parent=parent
        )
        return made[name]

    for faculty, colleges in _TREE.items():
        top = make(UnitKind.FACULTY, faculty, None)
        for college, departments in colleges.items():
            middle = make(UnitKind.COLLEGE, college, top)
            for department in departments:
                make(UnitKind.DEPARTMENT, department, middle)
    return made


def _people_of(group: str, others: Sequence[User], lead: User) -> list[User]:
    """Those whose profile names the group, without its leader and the managers of the lab."""
    named = UserProfile.objects.filter(affiliation=group).values_list("user", flat=True)
    keys = set(named)
    return [
        each
        for each in others
        if each.pk in keys and each.pk != lead.pk and not each.is_lab_manager
    ]


def _add_members(group: ResearchGroup, people: Sequence[User], now: datetime) -> None:
    delegate = next((each for each in people if each.role == Role.RESEARCHER), None)
    GroupMember.objects.bulk_create(
        GroupMember(
            group=group,
            user=each,
            is_manager=each == delegate,
            joined_at=now - timedelta(days=60),
        )
        for each in people
    )


def _make_project(
    group: ResearchGroup, title: str, code: str, today: date, rng: random.Random
) -> Project:
    project = Project.objects.create(
        public_id=_uuid(rng),
        name=title,
        code=code,
        group=group,
        starts_on=date(today.year - 1, 1, 1),
        ends_on=date(today.year + 2, 12, 31),
    )
    if title == "Organoids":
        ProjectResource.objects.bulk_create(
            ProjectResource(project=project, resource=each)
            for each in Resource.objects.filter(name__startswith=_IMAGING).order_by("name")
        )
    return project


def _charge(project: Project, people: Sequence[User], now: datetime) -> None:
    ProjectMember.objects.bulk_create(
        ProjectMember(project=project, user=each, added_at=now - timedelta(days=60))
        for each in people
    )


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
