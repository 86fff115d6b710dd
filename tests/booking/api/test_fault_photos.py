"""Photos of faults by the programming interface: sent as a form, looked at by their content."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from booking.models import Attachment, Fault, OutboxEvent, Resource
from tests.booking.api.conftest import Program

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, "PNG")
    return content.getvalue()


def send(program: Program, resource: Resource, photo: Any = None, **said: Any) -> Any:
    body = {"resource": str(resource.public_id), "title": "A leak", **said}
    if photo is not None:
        body["photo"] = photo
    return program.client.post("/api/v1/faults", body, headers=program.headers)


def file(content: bytes, name: str = "leak.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def test_a_photo_comes_with_the_report(
    as_program: AsProgram, ada: User, microscope: Resource
) -> None:
    program = as_program(ada)
    answer = send(program, microscope, file(picture()), severity="high", blocks_use="true")
    assert answer.status_code == 201
    found = answer.json()["data"]
    kept = Attachment.objects.get()
    assert found["photo"] == f"/files/{kept.public_id}"
    assert (found["severity"], found["blocks_use"]) == ("high", True)
    # Drawn anew, whatever it was sent as.
    assert kept.content_type == "image/jpeg"
    assert kept.file.read().startswith(b"\xff\xd8")
    assert program.get(f"/faults/{found['id']}").json()["data"]["photo"] == found["photo"]
    plain = send(program, microscope)
    assert (plain.status_code, plain.json()["data"]["photo"]) == (201, None)


@pytest.mark.parametrize(
    ("photo", "said", "status"),
    [
        (file(b"%PDF-1.4 %%EOF", "leak.pdf"), {}, 422),
        (file(b"<script>alert(1)</script>"), {}, 422),
        (file(b""), {}, 400),
        ("a word", {}, 400),
        (None, {"colour": "red"}, 400),
        (None, {"title": ["A leak", "Another"]}, 400),
        ([file(picture()), file(picture())], {}, 400),
        (file(b"\0" * (settings.API_LARGEST_UPLOAD + 1)), {}, 413),
    ],
)
def test_what_lies_is_refused_whole(
    as_program: AsProgram,
    ada: User,
    microscope: Resource,
    photo: Any,
    said: dict[str, Any],
    status: int,
) -> None:
    assert send(as_program(ada), microscope, photo, **said).status_code == status
    assert not Fault.objects.exists()
    assert not Attachment.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_only_this_address_takes_forms(
    as_program: AsProgram, ada: User, microscope: Resource
) -> None:
    program = as_program(ada)
    answer = program.client.post("/api/v1/bookings", {"purpose": "x"}, headers=program.headers)
    assert answer.status_code == 415
    assert send(as_program(None), microscope, file(picture())).status_code == 401
