"""The resources, types, people, groups and projects that a policy file names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import PriceClass, Project, ResearchGroup, User
from booking.models import Resource, ResourcePool, ResourceType
from booking.rules.proposals import LimitRow
from booking.services._policy_lines import LimitLine


@dataclass(frozen=True, slots=True)
class Places:
    """What there is, by the words that files name it with, in small letters."""

    resources: Mapping[str, Resource]
    types: Mapping[str, ResourceType]
    # Of these only what was asked for.
    others: dict[str, dict[str, Any]] = field(default_factory=dict)

    def row(self, line: LimitLine) -> LimitRow:
        """A limit with the keys of its place."""
        return LimitRow(
            limit=line.limit,
            role=line.role,
            resource_id=self.resources[line.resource.lower()].pk if line.resource else None,
            type_id=self.types[line.type.lower()].pk if line.type else None,
            value=line.value,
        )

    def load(self, kind: str, words: Iterable[str]) -> None:
        """Look up people, groups, projects or pools by their words, those not known yet."""
        known = self.others.setdefault(kind, {})
        wanted = sorted({word for word in words if word} - known.keys())
        if not wanted:
            return
        name, found = _OTHERS[kind]
        rows: QuerySet[Any] = found().filter(**{f"{name}__in": wanted})
        known.update({getattr(each, name): each for each in rows})

    def find(self, kind: str, word: str) -> Any:  # noqa: ANN401 - any noun
        """What a word names, or None."""
        if kind == "resource":
            return self.resources.get(word.lower())
        if kind == "type":
            return self.types.get(word.lower())
        return self.others.get(kind, {}).get(word)


_OTHERS: dict[str, tuple[str, Any]] = {
    "user": ("username", lambda: User.objects.filter(is_active=True)),
    "class": ("code", PriceClass.objects.all),
    "group": ("name", ResearchGroup.objects.all),
    "project": ("code", Project.objects.all),
    "pool": ("name", lambda: ResourcePool.objects.prefetch_related("resources")),
}


def known_places() -> Places:
    """All resources and types; a name comes before a code that is the same."""
    resources = list(Resource.objects.select_related("resource_type"))
    by_word = {each.code.lower(): each for each in resources}
    by_word |= {each.name.lower(): each for each in resources}
    types = {each.name.lower(): each for each in ResourceType.objects.all()}
    return Places(resources=by_word, types=types)


def say_unknown(kind: str, word: str) -> str:
    """That there is nothing of a name, and what to do about it."""
    words = {"name": word[:120]}
    texts = {
        "resource": _(
            "There is no resource “%(name)s”: write its name or code as its page has it."
        ),
        "type": _("There is no type “%(name)s”: write it as the list of instruments has it."),
        "pool": _("There is no pool “%(name)s”: write its name, capitals as they are."),
        "user": _(
            "There is nobody with the user name “%(name)s” and an open account: name another."
        ),
        "class": _(
            "There is no price class with the code “%(name)s”: the organisation lists them."
        ),
        "group": _("There is no research group “%(name)s”: write its name, capitals as they are."),
        "project": _("There is no project with the account code “%(name)s”: look it up."),
    }
    return texts[kind] % words
