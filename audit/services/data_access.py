"""Keeping who looked at whose personal data."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from audit.context import current_scope, real_person
from audit.models import DataAccess


def record_access(
    *,
    viewer: Any,  # noqa: ANN401 - a user; this app knows no other
    subjects: Iterable[Any],
    what: str,
    now: datetime,
) -> int:
    """Write that a person saw the contact data of others: one row for each whose data it was.

    `what` is the page or file (`person page`, `people list`). Looking at one's own data leaves no
    row. Whoever looks as another person is named themselves. Gives how many rows there are.
    """
    scope, viewer = current_scope(), real_person(viewer)
    rows = [
        DataAccess(
            at=now,
            viewer_id=viewer.pk,
            viewer_name=str(viewer)[:200],
            subject_id=subject.pk,
            subject_name=str(subject)[:200],
            what=what[:60],
            request_id=scope.request_id,
            address=scope.address or None,
        )
        for subject in subjects
        if subject.pk != viewer.pk
    ]
    return len(DataAccess.objects.bulk_create(rows))
