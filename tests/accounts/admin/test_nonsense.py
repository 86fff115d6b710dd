"""Nonsense in the address of an empty form is the sender's mistake, never a fault of ours."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.services.test_sessions import log_in

NONSENSE = ("abc", "99999999999999999999999", "\x00")


def fields_of(model: Any) -> list[str]:
    return [field.name for field in model._meta.get_fields() if not field.auto_created]


@pytest.fixture
def client(dora: User) -> Client:
    found = log_in(dora)
    found.raise_request_exception = False
    return found


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_no_form_breaks_by_its_address(client: Client, nonsense: str) -> None:
    tried = 0
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        status = client.get(path, dict.fromkeys(fields_of(model), nonsense)).status_code
        assert status in (200, 400, 403), (path, status)
        tried += status != 403
    assert tried > 10


def test_a_person_who_is_none_is_said_on_a_page(client: Client) -> None:
    answer = client.get("/admin/django_celery_beat/periodictask/add/", {"start_time": "abc"})
    assert answer.status_code == 400
    assert "<main" in answer.content.decode()


def test_what_can_be_read_is_filled_in(client: Client) -> None:
    path = "/admin/django_celery_beat/periodictask/add/"
    answer = client.get(path, {"description": "Every night"})
    assert answer.status_code == 200
    assert "Every night" in answer.content.decode()
