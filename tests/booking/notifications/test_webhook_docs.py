"""What docs/webhooks.md tells integrators is what is sent."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from booking.models import Message, OutboxEvent, Resource
from booking.notifications.channels import WEBHOOK
from booking.queries.endpoints import Keys
from booking.services.outside import tell_endpoints
from tests.factories.bookings import make_booking
from tests.factories.endpoints import SECRET, make_endpoint

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/webhooks.md"
Verify = Callable[..., bool]


def blocks(language: str) -> list[str]:
    """The examples of the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def is_from_labitory() -> Verify:
    """The example, run as an integrator would."""
    [code] = blocks("python")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own document
    found: Verify = names["is_from_labitory"]
    return found


def signature_of(content: bytes, at: float, *secrets: str) -> str:
    """What is sent with a body."""
    moment = datetime.fromtimestamp(at, UTC)
    message = Message(event=OutboxEvent(created_at=moment), created_at=moment, sent_at=moment)
    headers = WEBHOOK.headers(message, content, Keys(url="", secrets=secrets))
    return headers["Labitory-Signature"]


def test_the_example_verifies_what_is_sent_and_nothing_else(is_from_labitory: Verify) -> None:
    body, moment = '{"name": "Größe"}'.encode(), time.time()
    signature = signature_of(body, moment, "new", "old")
    assert is_from_labitory(body, signature, "new")
    assert is_from_labitory(body, signature, "old")
    assert not is_from_labitory(body, signature, "other")
    assert not is_from_labitory(body + b" ", signature, "new")
    assert not is_from_labitory(body, signature.replace("t=", "t=1"), "new")
    assert not is_from_labitory(body, signature_of(body, moment - 301, "new"), "new")
    for nonsense in ("", "t=", "v1=", "t=x,v1=y", signature.partition(",")[2]):
        assert not is_from_labitory(body, nonsense, "new")


@pytest.mark.django_db
def test_the_example_has_the_fields_that_are_sent(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    make_endpoint(dora, now)
    booking = make_booking(ada, microscope, now)
    event = OutboxEvent.objects.create(
        kind="booking.created", payload={"bookings": [str(booking.public_id)]}, created_at=now
    )
    tell_endpoints(event=event, now=now)
    sent = json.loads(WEBHOOK.content(Message.objects.get()))
    [shown] = map(json.loads, blocks("json"))
    assert fields_of(shown) == fields_of(sent)
    assert SECRET not in json.dumps(sent)


def fields_of(value: Any) -> Any:
    """The names in it, at every depth."""
    if isinstance(value, list):
        return [fields_of(each) for each in value]
    return {name: fields_of(each) for name, each in value.items()} if type(value) is dict else None
