"""The rules of a resource, and of the whole lab, as the reader may read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.enums import Limit
from booking.models import ApprovalPolicy, BookingPolicy, OpeningHours, Resource
from booking.queries._facts_parts import json_of
from booking.queries._open_hours import Hours
from booking.queries.approval_policies import policy_line
from booking.queries.facts import limits_of, load_resources
from booking.queries.places import shown_to
from booking.queries.prices import price_now
from booking.queries.quotas import my_quotas
from booking.queries.resources import MINUTE, ResourcePage, resource_page, terms_of
from booking.queries.rules_in_words import (
    Chapter,
    access_sentences,
    assessment_sentences,
    course_sentences,
    fault_sentences,
    grid_sentences,
    hours_sentences,
    limit_chapters,
    link_sentences,
    price_sentences,
    project_sentences,
    quota_sentences,
)
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadablePolicies:
    """One resource with its rules in sentences, for one reader."""

    page: ResourcePage
    role: str
    chapters: tuple[Chapter, ...]


def resource_rules(*, viewer: User, public_id: UUID, now: datetime) -> ReadablePolicies | None:
    """Every rule in force for the viewer on a resource that they may see, in two queries."""
    page = resource_page(viewer=viewer, public_id=public_id, now=now)
    if page is None:
        return None
    window = Period(now, now + MINUTE)
    loaded = load_resources(user=viewer, window=window, now=now, public_ids=[public_id])[0]
    terms = terms_of(loaded)
    scopes = {
        Limit(name): scope
        for name, (_value, scope) in (json_of(loaded, "limits_json") or {}).items()
    }
    courses = course_sentences(terms.courses)
    by_limit = limit_chapters(limits_of(loaded), scopes, loaded.name)
    chapters = (
        Chapter(
            key="hours",
            title=_("When"),
            sentences=(
                *hours_sentences(terms.hours, on_holidays=loaded.open_on_holidays),
                *grid_sentences(loaded),
                *link_sentences([each.name for each in page.links]),
                *fault_sentences(terms.fault, loaded),
            ),
        ),
        Chapter(
            key="access",
            title=_("Who may book"),
            sentences=(
                *access_sentences(page.resource, page.leave),
                *courses,
                *assessment_sentences(loaded),
            ),
        ),
        _charging(loaded, now),
        *by_limit[:2],
        Chapter(key="quotas", title=_("Quotas"), sentences=quota_sentences(terms.quotas)),
        Chapter(
            key="approval",
            title=_("Approval"),
            sentences=terms.approval or (_("A booking stands at once: nobody is asked."),),
        ),
        by_limit[2],
    )
    return ReadablePolicies(
        page=page,
        role=str(Role(viewer.role).label),
        chapters=tuple(each for each in chapters if each.sentences),
    )


def _charging(loaded: Resource, now: datetime) -> Chapter:
    return Chapter(
        key="charging",
        title=_("What it costs, and what it is charged to"),
        sentences=(*price_sentences(price_now(loaded, now)), *project_sentences()),
    )


def lab_rules(*, viewer: User, now: datetime) -> tuple[Chapter, ...]:
    """The rules that hold for the viewer wherever an instrument or type has none of its own."""
    limits: dict[Limit, int | None] = {}
    everywhere = BookingPolicy.objects.filter(
        role__in=("", viewer.role), resource=None, resource_type=None
    )
    # A role's own row comes before the one for everybody.
    for row in everywhere.order_by("role"):
        limits[Limit(row.limit)] = row.value
    hours = [
        Hours(each.weekday, each.opens_at, each.closes_at)
        for each in OpeningHours.objects.filter(resource=None).order_by("weekday", "opens_at")
    ]
    own = {limit: value for limit, value in limits.items() if value is not None}
    by_limit = limit_chapters(own, {})
    approval = _lab_approval(viewer)
    chapters = (
        Chapter(key="hours", title=_("When"), sentences=hours_sentences(hours, on_holidays=False)),
        *by_limit[:2],
        Chapter(
            key="quotas",
            title=_("Quotas"),
            sentences=quota_sentences(
                each.quota for each in my_quotas(viewer=viewer, now=now) if not each.scope
            ),
        ),
        Chapter(key="approval", title=_("Approval"), sentences=approval),
        by_limit[2],
    )
    return tuple(each for each in chapters if each.sentences)


def ruled_resources(*, viewer: User, now: datetime) -> "QuerySet[Resource, Any]":
    """The resources whose rules the viewer may read, by type and name."""
    return (
        Resource.objects.filter(shown_to(viewer, now=now))
        .select_related("resource_type")
        .order_by("resource_type__name", "name")
    )


def _lab_approval(viewer: User) -> tuple[str, ...]:
    found = (
        ApprovalPolicy.objects.filter(
            Q(role=viewer.role) | Q(role=""), resource=None, resource_type=None
        )
        .prefetch_related("tiers__person")
        .order_by("-role")
        .first()
    )
    return () if found is None else policy_line(found).sentences
