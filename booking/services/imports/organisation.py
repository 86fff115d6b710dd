"""Writing units, people, groups and projects."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import UnitKind
from accounts.models import (
    GroupMember,
    PriceClass,
    Project,
    ProjectMember,
    ResearchGroup,
    Unit,
    User,
    UserProfile,
)
from accounts.services._memberships import add_to_group
from accounts.services._units import require_place
from audit.services import record
from booking.services.imports.organisation_files import (
    OrganisationPlan,
    WantedGroup,
    WantedPerson,
    WantedProject,
    WantedUnit,
)
from booking.services.imports.people import write_user
from booking.services.imports.plan import BadRow, Line, RowOutcome
from booking.services.imports.rights import (
    require_group,
    require_person,
    require_profile,
    require_units,
)
from booking.services.imports.writing import Done, Lab, say_changes, set_values, write_rows


@dataclass(slots=True, kw_only=True)
class Organisation(Lab):
    """What stands already besides people: units and projects by code, groups by name."""

    units: dict[str, Unit] = field(default_factory=dict)
    groups: dict[str, ResearchGroup] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    prices: dict[str, PriceClass] = field(default_factory=dict)

    def unit(self, code: str) -> Unit | None:
        """The unit of this code, none for an empty one, or a bad row."""
        if not code:
            return None
        if code.lower() not in self.units:
            raise BadRow(_("There is no unit %(name)s.") % {"name": code})
        return self.units[code.lower()]

    def group(self, name: str) -> ResearchGroup:
        """The group of this name, or a bad row."""
        if name.lower() not in self.groups:
            raise BadRow(_("There is no group %(name)s.") % {"name": name})
        return self.groups[name.lower()]

    def price_class(self, code: str) -> PriceClass | None:
        """The price class of this code, made where it is new; none for an empty one."""
        if not code:
            return None
        if code.lower() not in self.prices:
            require_units(self.actor)
            made = PriceClass(code=code, name=code)
            made.clean_fields()
            made.save()
            record(action="price_class.created", actor=self.actor, target=made, now=self.now)
            self.prices[code.lower()] = made
        return self.prices[code.lower()]


def write_organisation(
    plan: OrganisationPlan, now: datetime, actor: User | None = None
) -> list[Line]:
    """Everything in the order in which rows name one another."""
    lab = _load(now, actor)
    levels = list(UnitKind)
    units = sorted(plan.units, key=lambda wanted: levels.index(wanted.kind))
    write_rows(lab, "unit", units, write_unit)
    write_rows(lab, "person", plan.people, write_person)
    write_rows(lab, "group", plan.groups, write_group)
    write_rows(lab, "project", plan.projects, write_project)
    in_groups = [wanted for wanted in plan.people if wanted.groups]
    write_rows(lab, "membership", in_groups, write_memberships)
    return [*plan.lines, *lab.lines]


def _load(now: datetime, actor: User | None) -> Organisation:
    lab = Organisation(now=now, actor=actor)
    for user in User.objects.select_related("profile"):
        lab.add_user(user)
    lab.units = {unit.code.lower(): unit for unit in Unit.objects.select_related("parent")}
    groups = ResearchGroup.objects.select_related("lead", "unit", "price_class")
    lab.groups = {group.name.lower(): group for group in groups}
    projects = Project.objects.select_related("group", "price_class")
    lab.projects = {project.code.lower(): project for project in projects}
    lab.prices = {each.code.lower(): each for each in PriceClass.objects.all()}
    return lab


def write_unit(lab: Organisation, wanted: WantedUnit) -> Done:
    """Make a unit or bring it up to date; its kind stays."""
    parent = lab.unit(wanted.within)
    found = lab.units.get(wanted.code.lower())
    if found is not None and found.kind != wanted.kind:
        raise BadRow(
            _("%(unit)s is a %(kind)s already.")
            % {"unit": found, "kind": found.get_kind_display().lower()}
        )
    require_place(wanted.kind, parent)
    values: dict[str, Any] = {
        "kind": wanted.kind,
        "name": wanted.title,
        "parent": parent,
        "is_active": wanted.is_active,
    }
    unit = found or Unit(code=wanted.code)
    done = _write(lab, unit, values, "unit", is_new=found is None)
    if done[0] is not RowOutcome.UNCHANGED:
        require_units(lab.actor)
    lab.units[wanted.code.lower()] = unit
    return done


def write_person(lab: Organisation, wanted: WantedPerson) -> Done:
    """Make an account or bring it up to date, and its unit."""
    before = lab.users.get(wanted.user.username.lower())
    outcome, detail = write_user(lab, wanted.user)
    user = lab.user(wanted.user.username)
    if before is not None and outcome is RowOutcome.CHANGED:
        require_profile(lab.actor, before)
    profile = UserProfile.objects.select_related("unit").get(user=user)
    changes = {} if wanted.unit is None else set_values(profile, {"unit": lab.unit(wanted.unit)})
    require_person(lab.actor, before, user, moved=bool(changes))
    if not changes:
        return outcome, detail
    profile.save(update_fields=["unit"])
    if outcome is not RowOutcome.NEW:
        outcome = RowOutcome.CHANGED
    record(action="user.unit_changed", actor=lab.actor, target=user, now=lab.now, changes=changes)
    return outcome, ", ".join(filter(None, (detail, say_changes(changes))))


def write_group(lab: Organisation, wanted: WantedGroup) -> Done:
    """Make a group or bring it up to date; people are added, never removed."""
    found = lab.groups.get(wanted.title.lower())
    values: dict[str, Any] = {"name": wanted.title, "lead": lab.user(wanted.lead)}
    if wanted.unit is not None:
        values["unit"] = lab.unit(wanted.unit)
    if wanted.price_class is not None:
        values["price_class"] = lab.price_class(wanted.price_class)
    values["is_active"] = wanted.is_active
    group = found or ResearchGroup()
    left = [] if found is None else [found.unit_id]
    outcome, detail = _write(lab, group, values, "group", is_new=found is None)
    lab.groups[wanted.title.lower()] = group
    added = [name for name in (*wanted.members, *wanted.managers) if _join(lab, group, name)]
    raised = [name for name in wanted.managers if _appoint(lab, group, name)]
    if added or raised or outcome is not RowOutcome.UNCHANGED:
        require_group(lab.actor, group, *left)
    return _with_people(outcome, detail, added, raised)


def write_project(lab: Organisation, wanted: WantedProject) -> Done:
    """Make a project or bring it up to date; people are added, never removed."""
    found = lab.projects.get(wanted.code.lower())
    if found is None and wanted.starts_on is None:
        raise BadRow(_("%(name)s is missing.") % {"name": "starts_on"})
    values: dict[str, Any] = {
        "name": wanted.title,
        "group": lab.group(wanted.group),
        "starts_on": wanted.starts_on,
        "is_active": wanted.is_active,
    }
    project = found or Project(code=wanted.code)
    values = {name: value for name, value in values.items() if value is not None}
    if wanted.sets_end:
        values["ends_on"] = wanted.ends_on
    if wanted.price_class is not None:
        values["price_class"] = lab.price_class(wanted.price_class)
    starts_on = values.get("starts_on", project.starts_on)
    if (ends_on := values.get("ends_on", project.ends_on)) and ends_on < starts_on:
        raise BadRow(_("It ends before it begins."))
    left = [] if found is None else [found.group.unit_id]
    outcome, detail = _write(lab, project, values, "project", is_new=found is None)
    lab.projects[wanted.code.lower()] = project
    added = [name for name in wanted.members if _charge(lab, project, name)]
    if added or outcome is not RowOutcome.UNCHANGED:
        require_group(lab.actor, project.group, *left)
    return _with_people(outcome, detail, added, [])


def write_memberships(lab: Organisation, wanted: WantedPerson) -> Done:
    """Put a person into groups, which may have come with another file."""
    name = wanted.user.username
    lab.user(name)
    added = [group for group in wanted.groups if _join(lab, lab.group(group), name)]
    if not added:
        return RowOutcome.UNCHANGED, ""
    for group in added:
        require_group(lab.actor, lab.group(group))
    return RowOutcome.NEW, ", ".join(added)


def _write(
    lab: Organisation,
    row: Any,  # noqa: ANN401 - a model
    values: dict[str, Any],
    noun: str,
    *,
    is_new: bool,
) -> Done:
    """Save what differs, with its record; None leaves the field as it is, where it may."""
    nullable = {"unit", "parent", "price_class", "ends_on"}
    wanted = {
        name: value for name, value in values.items() if value is not None or name in nullable
    }
    before = {name: getattr(row, name, None) if not is_new else None for name in wanted}
    changes = {
        name: (before[name], value) for name, value in wanted.items() if before[name] != value
    }
    if not is_new and not changes:
        return RowOutcome.UNCHANGED, ""
    for name, value in wanted.items():
        setattr(row, name, value)
    row.clean_fields()
    row.save()
    action = f"{noun}.created" if is_new else f"{noun}.changed"
    record(action=action, actor=lab.actor, target=row, now=lab.now, changes=changes)
    return (RowOutcome.NEW, "") if is_new else (RowOutcome.CHANGED, say_changes(changes))


def _join(lab: Organisation, group: ResearchGroup, username: str) -> bool:
    """Put a person into a group; gives whether they were not in it."""
    user = lab.user(username)
    if user.pk == group.lead_id or GroupMember.objects.filter(group=group, user=user).exists():
        return False
    add_to_group(actor=lab.actor, group=group, user=user, now=lab.now)
    return True


def _appoint(lab: Organisation, group: ResearchGroup, username: str) -> bool:
    user = lab.user(username)
    ordinary = GroupMember.objects.filter(group=group, user=user, is_manager=False)
    if not ordinary.update(is_manager=True):
        return False
    record(
        action="group.manager_appointed",
        actor=lab.actor,
        target=group,
        now=lab.now,
        facts={"user": user.full_name},
    )
    return True


def _charge(lab: Organisation, project: Project, username: str) -> bool:
    user = lab.user(username)
    _member, is_new = ProjectMember.objects.get_or_create(
        project=project, user=user, defaults={"added_at": lab.now}
    )
    if is_new:
        record(
            action="project.member_added",
            actor=lab.actor,
            target=project,
            now=lab.now,
            facts={"user": user.full_name},
        )
    return is_new


def _with_people(outcome: RowOutcome, detail: str, added: list[str], raised: list[str]) -> Done:
    words = [
        detail,
        _("with %(names)s") % {"names": ", ".join(added)} if added else "",
        _("managed by %(names)s") % {"names": ", ".join(raised)} if raised else "",
    ]
    if (added or raised) and outcome is RowOutcome.UNCHANGED:
        outcome = RowOutcome.CHANGED
    return outcome, ", ".join(word for word in words if word)
