"""A picture of an instrument passes the scanner, where the operator named one."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from accounts.models import User
from audit.models import AuditLog
from booking.models import Resource
from tests.conftest import LogIn
from tests.support.clamd import BAD, ScanDaemon, scan_daemon

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")


@pytest.fixture
def daemon(settings: LazySettings) -> Iterator[ScanDaemon]:
    with scan_daemon() as started:
        settings.CLAMD_SOCKET = started.address
        yield started


def picture(words: str = "") -> bytes:
    """A picture that every program opens, with some words beside what is drawn."""
    drawn, notes = io.BytesIO(), PngImagePlugin.PngInfo()
    notes.add_text("Comment", words)
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG", pnginfo=notes)
    return drawn.getvalue()


def send(client: Client, resource: Resource, content: bytes) -> Any:
    upload = SimpleUploadedFile("confocal.png", content, content_type="image/png")
    return client.post(
        f"/resources/{resource.public_id}/edit", {"part": "picture", "image": upload}
    )


@pytest.fixture
def files(microscope: Resource) -> list[str]:
    """What the storage held before."""
    return stored()


def stored() -> list[str]:
    found = default_storage.exists("resources")
    return sorted(default_storage.listdir("resources")[1]) if found else []


def is_untouched(resource: Resource, files: list[str]) -> bool:
    resource.refresh_from_db()
    kept = AuditLog.objects.filter(object_id=str(resource.pk)).exists()
    return not resource.image and stored() == files and not kept


def test_an_infected_picture_is_refused(
    as_user: LogIn, chris: User, microscope: Resource, daemon: ScanDaemon, files: list[str]
) -> None:
    content = picture(BAD.decode())
    answer = send(as_user(chris), microscope, content)
    assert answer.status_code == 422
    assert "was found harmful" in answer.content.decode()
    assert daemon.seen == [content]
    assert is_untouched(microscope, files)


def test_a_clean_picture_is_taken(
    as_user: LogIn, chris: User, microscope: Resource, daemon: ScanDaemon
) -> None:
    content = picture()
    assert send(as_user(chris), microscope, content).status_code == 302
    assert daemon.seen == [content]
    microscope.refresh_from_db()
    assert microscope.image


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
def test_a_scanner_that_does_not_say_clean_lets_nothing_in(
    as_user: LogIn,
    chris: User,
    microscope: Resource,
    daemon: ScanDaemon,
    files: list[str],
    answer: bytes,
) -> None:
    daemon.answer = answer
    found = send(as_user(chris), microscope, picture())
    assert found.status_code == 503
    assert is_untouched(microscope, files)


def test_a_scanner_that_is_away_lets_nothing_in(
    as_user: LogIn, chris: User, microscope: Resource, settings: LazySettings, files: list[str]
) -> None:
    settings.CLAMD_SOCKET = "/nowhere/clamd.sock"
    answer = send(as_user(chris), microscope, picture())
    assert answer.status_code == 503
    assert "cannot be checked for viruses right now" in answer.content.decode()
    assert is_untouched(microscope, files)
