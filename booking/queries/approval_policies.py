"""Reading how bookings are approved, and saying it in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.models import ApprovalPolicy, Resource
from booking.queries._facts_parts import approval_facts
from booking.queries.places import in_places, types_in_places
from booking.rules.approvals import USUAL_ANSWER_HOURS
from booking.rules.request import ApprovalFacts, TierFacts
from labitory.lib.money import say_money
from labitory.lib.text import say_minutes


def managed_policies(viewer: User, *, word: str = "") -> "QuerySet[ApprovalPolicy]":
    """The policies of approval where the viewer sets policies, by place and name."""
    own = in_places(viewer, "policy.manage")
    found = ApprovalPolicy.objects.select_related("resource", "resource_type").prefetch_related(
        "tiers__person"
    )
    if own:
        kinds = types_in_places(viewer, "policy.manage", kind="resource_type")
        found = found.filter(Q(own, resource__isnull=False) | kinds)
    if word:
        found = found.filter(
            Q(name__icontains=word)
            | Q(resource__name__icontains=word)
            | Q(resource_type__name__icontains=word)
        )
    return found.order_by("resource__name", "resource_type__name", "role", "pk")


def find_policy(viewer: User, public_id: UUID) -> ApprovalPolicy | None:
    """One policy that the viewer may change."""
    return managed_policies(viewer).filter(public_id=public_id).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLine:
    """A policy with what it says, in sentences."""

    policy: ApprovalPolicy
    sentences: tuple[str, ...]


def policy_line(policy: ApprovalPolicy) -> PolicyLine:
    """A policy that was read with its steps, in words."""
    tiers = tuple(
        TierFacts(
            approver=ApproverKind(tier.approver),
            needed=Needed(tier.needed),
            role=tier.role,
            person_id=tier.person_id,
            over_minutes=tier.over_minutes,
            over_cost=tier.over_cost,
            outside_hours=tier.outside_hours,
            for_roles=frozenset(tier.for_roles),
        )
        for tier in sorted(policy.tiers.all(), key=lambda tier: tier.position)
    )
    facts = ApprovalFacts(
        id=policy.pk,
        mode=ApprovalMode(policy.mode),
        holds_slot=policy.holds_slot,
        answer_hours=policy.answer_hours,
        over_minutes=policy.over_minutes,
        outside_hours=policy.outside_hours,
        first_booking=policy.first_booking,
        tiers=tiers,
    )
    names = {tier.person.pk: tier.person.full_name for tier in policy.tiers.all() if tier.person}
    said = say_approval(facts, names) or (_("Nobody is asked."),)
    return PolicyLine(policy=policy, sentences=said)


def approval_of(resource: Resource) -> tuple[str, ...]:
    """How bookings of a resource that was loaded with its facts are approved for the person.

    Sentences, the first of them the gist; empty where nobody is asked.
    """
    facts = approval_facts(resource)
    if facts is None:
        usual = _("A booking waits for a responsible person, and holds its time so long.")
        return (usual, _say_answer(USUAL_ANSWER_HOURS)) if resource.requires_approval else ()
    keys = {tier.person_id for tier in facts.tiers if tier.person_id}
    people = User.objects.filter(pk__in=keys) if keys else ()
    return say_approval(facts, {each.pk: each.full_name for each in people})


def say_approval(facts: ApprovalFacts, names: Mapping[int, str]) -> tuple[str, ...]:
    """A policy of approval in sentences, with who is asked by name; empty where nobody is."""
    if facts.mode == ApprovalMode.NONE:
        return ()
    tiers = facts.tiers or (TierFacts(approver=ApproverKind.RESPONSIBLE, needed=Needed.ANY),)
    first = {"who": say_tier(tiers[0], names, alone=True)}
    if facts.mode == ApprovalMode.TIERED:
        steps = tuple(
            _("%(n)s. %(who)s") % {"n": n, "who": say_tier(tier, names)}
            for n, tier in enumerate(tiers, 1)
        )
        gist = (_("A booking is approved in steps:"), *steps)
    elif facts.mode == ApprovalMode.WITHIN_QUOTA:
        gist = (
            _("Within the quota a booking stands at once; beyond it waits for: %(who)s.") % first,
        )
    elif facts.mode == ApprovalMode.CONDITIONAL:
        words = {**first, "when": _say_conditions(facts)}
        gist = (_("A booking waits for approval (%(who)s) when it is %(when)s.") % words,)
    else:
        gist = (_("A booking waits for approval: %(who)s.") % first,)
    waits = (
        _("It holds its time until then.")
        if facts.holds_slot
        else _("Until then somebody else may take the time.")
    )
    return (*gist, waits, _say_answer(facts.answer_hours))


def _say_answer(hours: int) -> str:
    return _(
        "Whoever is asked has %(time)s to answer, then others as long; at its start at the latest "
        "what nobody answered is refused."
    ) % {"time": say_minutes(hours * 60)}


def say_tier(tier: TierFacts, names: Mapping[int, str], *, alone: bool = False) -> str:
    """Who is asked in a step, how many of them, and for which bookings."""
    kind = ApproverKind(tier.approver)
    who = names.get(tier.person_id or 0, str(kind.label))
    if kind == ApproverKind.ROLE:
        who = str(Role(tier.role).label)
    if alone:
        return who
    many = _("%(who)s, all of them") if tier.needed == Needed.ALL else _("%(who)s, any one")
    said = many % {"who": who}
    when = [
        *([_("longer than %s") % say_minutes(tier.over_minutes)] if tier.over_minutes else []),
        *([_("dearer than %s") % say_money(tier.over_cost)] if tier.over_cost is not None else []),
        *([_("outside the working day")] if tier.outside_hours else []),
        *(str(Role(role).label) for role in sorted(tier.for_roles)),
    ]
    return f"{said} ({'; '.join(when)})" if when else said


def _say_conditions(facts: ApprovalFacts) -> str:
    words = []
    if facts.over_minutes:
        words.append(_("longer than %s") % say_minutes(facts.over_minutes))
    if facts.outside_hours:
        words.append(_("between 18:00 and 8:00 or at a weekend"))
    if facts.first_booking:
        words.append(_("your first one there"))
    return _(" or ").join(words)
