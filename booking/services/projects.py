"""What a project may be charged for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_project
from accounts.models import Project, User
from accounts.permissions.groups import can_run_project
from audit.services import record
from booking.errors import ActionRefused, NotAllowed
from booking.models import ProjectResource, Resource
from labitory.lib.db import run_transaction


def choose_project_resources(
    *, actor: User, project_id: UUID, resource_ids: Sequence[UUID], now: datetime
) -> Project:
    """Let a project be charged for these resources alone; with none chosen, for all of them.

    Bookings that stand keep their project. Raises Project.DoesNotExist, NotAllowed and
    ActionRefused.
    """

    def work() -> Project:
        project = lock_project(project_id)
        if not can_run_project(actor, project):
            raise NotAllowed(
                code="permission.project",
                text=_("Those who look after the group choose the instruments of its projects."),
            )
        wanted = set(Resource.objects.filter(public_id__in=resource_ids))
        if len(wanted) < len(set(resource_ids)):
            raise ActionRefused(
                code="resource.unknown",
                text=_("There is no such instrument. Choose one from the list."),
                field="resources",
                status=422,
            )
        rows = project.project_resources.select_related("resource")
        before = {row.resource for row in rows}
        if before == wanted:
            return project
        ProjectResource.objects.filter(project=project, resource__in=before - wanted).delete()
        ProjectResource.objects.bulk_create(
            ProjectResource(project=project, resource=each) for each in wanted - before
        )
        record(
            action="project.resources_chosen",
            actor=actor,
            target=project,
            now=now,
            changes={"resources": (_names(before), _names(wanted))},
        )
        return project

    return run_transaction(work)


def _names(resources: set[Resource]) -> list[str]:
    return sorted(resource.name for resource in resources)
