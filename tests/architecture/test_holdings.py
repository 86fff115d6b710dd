"""Nothing is kept of people that neither their copy nor erasure knows of."""

import pytest
from django.apps import apps
from django.db.models import Field

from accounts.holdings import Fate, Holding, holdings, mentions, name_copies
from accounts.models import User

# Numbers of people without a foreign key, with who sees to them.
BY_NUMBER = {
    "audit.auditlog.actor_id": "append-only; in the copy, an exception of erasure",
    "audit.securityevent.user_id": "append-only; in the copy, an exception of erasure",
    "audit.securityevent.actor_id": "append-only; in the copy, an exception of erasure",
    **{f"{each.model}.{each.person}": "a copy of the name" for each in name_copies()},
}
PERSON = ("user_id", "actor_id", "viewer_id", "subject_id", "handled_by_id", "person_id")


def test_every_reference_to_people_is_declared_once() -> None:
    found = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if field.is_relation and field.related_model is User
    }
    declared = [f"{each.model}.{each.field}" for each in holdings()]
    assert sorted(declared) == sorted(found)


def test_every_number_of_a_person_is_known() -> None:
    found = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name in PERSON and not field.is_relation
    }
    assert found == set(BY_NUMBER)


@pytest.mark.parametrize("holding", holdings(), ids=lambda each: f"{each.model}.{each.field}")
def test_what_is_kept_has_a_reason(holding: Holding) -> None:
    assert bool(holding.why) == (holding.fate is Fate.KEPT)
    model = apps.get_model(holding.model)
    for name in holding.emptied:
        field = model._meta.get_field(name)
        assert isinstance(field, Field)
        assert field.blank


def test_the_texts_that_may_name_people_are_there() -> None:
    for each in mentions():
        for name in each.fields:
            assert apps.get_model(each.model)._meta.get_field(name)
