"""Files that lie about what they are: nothing is kept, neither a row nor a file."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from booking.models import Resource
from tests.booking.api.conftest import Program
from tests.conftest import LogIn
from tests.support.tables import changed, contents

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
LIES = {
    "a program as a picture": ("photo.jpg", b"MZ\x90\x00 program", "image/jpeg"),
    "a page as a picture": ("photo.png", b"<html><script>x</script></html>", "image/png"),
    "a drawing with script": ("photo.jpg", b"<svg onload='x()'></svg>", "image/jpeg"),
    "an archive as a paper": ("paper.pdf", b"PK\x03\x04 archive", "application/pdf"),
    "the beginning of a picture": ("photo.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    "a paper that breaks off": ("paper.pdf", b"%PDF-1.7 and no end", "application/pdf"),
    "nothing at all": ("photo.jpg", b"", "image/jpeg"),
}


def stored() -> list[str]:
    """All files that are kept."""
    found: list[str] = []
    waiting = [""]
    while waiting:
        place = waiting.pop()
        if place and not default_storage.exists(place):
            continue
        folders, files = default_storage.listdir(place or ".")
        found += [f"{place}/{name}" for name in files]
        waiting += [f"{place}/{name}".strip("/") for name in folders]
    return sorted(found)


def upload(lie: str) -> SimpleUploadedFile:
    name, content, kind = LIES[lie]
    return SimpleUploadedFile(name, content, content_type=kind)


@pytest.mark.parametrize("lie", LIES)
def test_a_photo_that_is_none_reports_no_fault(
    ada: User, microscope: Resource, as_user: LogIn, lie: str
) -> None:
    path = f"/resources/{microscope.public_id}/faults/new"
    before, files = contents("audit", "booking"), stored()
    form = {"title": "No laser", "severity": "high", "photo": upload(lie)}
    answer = as_user(ada).post(path, form)
    assert answer.status_code == 422
    assert "picture" in answer.content.decode() or "empty" in answer.content.decode()
    assert 'value="No laser"' in answer.content.decode()
    assert changed(before, "audit", "booking") == []
    assert stored() == files


@pytest.mark.parametrize("lie", LIES)
def test_a_program_gets_no_further(ada: User, microscope: Resource, lie: str) -> None:
    program = Program(ada)
    before, files = contents("audit", "booking"), stored()
    answer = Client().post(
        "/api/v1/faults",
        {
            "resource": str(microscope.public_id),
            "title": "No laser",
            "severity": "high",
            "photo": upload(lie),
        },
        headers=program.headers,
    )
    assert answer.status_code in {400, 422}
    [problem] = answer.json()["errors"]
    assert problem["field"] == "photo"
    assert " " in problem["detail"]
    assert changed(before, "audit", "booking") == []
    assert stored() == files


@pytest.mark.parametrize("lie", LIES)
def test_a_paper_that_is_none_is_no_assessment(
    ada: User, microscope: Resource, as_user: LogIn, lie: str
) -> None:
    path = f"/resources/{microscope.public_id}/assessments/new"
    before, files = contents("audit", "booking"), stored()
    form = {
        "title": "Alignment",
        "kind": "laser",
        "level": "high",
        "hazards": "Eyes",
        "controls": "Goggles",
        "protection": "goggles",
        "document": upload(lie),
    }
    answer = as_user(ada).post(path, form)
    assert answer.status_code == 422
    assert "choose another file" in answer.content.decode() or "empty" in answer.content.decode()
    assert changed(before, "audit", "booking") == []
    assert stored() == files
