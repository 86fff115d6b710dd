"""The site as an app: manifest, icons, and the script of the service worker."""

import io
import json
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from accounts.models import User
from labitory.install import THEME_DARK, THEME_LIGHT, draw_icon
from tests.conftest import LogIn


def manifest_of(client: Client, **headers: str) -> Any:
    response = client.get("/manifest.webmanifest", headers=headers)
    assert response.headers["Content-Type"] == "application/manifest+json"
    return response.json()


def test_the_manifest_names_the_lab(client: Client, settings: LazySettings) -> None:
    settings.LAB_NAME = "Ångström Core"
    found = manifest_of(client)
    assert found["name"] == "Ångström Core"
    assert (found["display"], found["start_url"], found["scope"]) == ("standalone", "/", "/")
    assert found["theme_color"] == THEME_LIGHT
    assert [each["url"] for each in found["shortcuts"]] == ["/bookings", "/find-time", "/calendar"]
    sizes = {(each["sizes"], each.get("purpose")) for each in found["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} < sizes


def test_its_icons_are_pictures_of_their_size(client: Client) -> None:
    for each in manifest_of(client)["icons"]:
        if each["type"] == "image/svg+xml":
            assert finders.find(each["src"].removeprefix("/static/"))
            continue
        response = client.get(each["src"])
        assert response.headers["Content-Type"] == "image/png"
        assert "max-age" in response.headers["Cache-Control"]
        picture = Image.open(io.BytesIO(response.content))
        assert f"{picture.width}x{picture.height}" == each["sizes"]
        # A mask cuts the corners of one kind; the other's are open.
        corner = picture.convert("RGBA").getpixel((0, 0))
        assert corner == ((11, 85, 99, 255) if each["purpose"] == "maskable" else (0, 0, 0, 0))


@pytest.mark.parametrize("name", ["any-193", "other-192", "any-0", "any-99999999"])
def test_there_are_no_other_icons(client: Client, name: str) -> None:
    assert client.get(f"/icons/{name}.png").status_code == 404


def test_an_icon_is_drawn_once() -> None:
    assert draw_icon(180, is_maskable=False) is draw_icon(180, is_maskable=False)


def test_the_worker_serves_the_whole_site_and_is_never_old(client: Client) -> None:
    response = client.get("/service-worker.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Service-Worker-Allowed"] == "/"
    first, rest = response.content.decode().split("\n", 1)
    known = json.loads(first.removeprefix("self.LABITORY = ").removesuffix(";"))
    for address in known["assets"]:
        assert finders.find(address.removeprefix("/static/")), address
    for address in (known["page"], known["icon"]):
        assert client.get(address).status_code == 200
    # All that the script reads of what it is told is there, and the other way round.
    named = re.search(r"const \{([^}]*)\} = self\.LABITORY", rest)
    assert named is not None
    assert {each.strip() for each in named[1].split(",")} == set(known)


def test_the_page_without_a_network_needs_nothing_else(client: Client) -> None:
    first = client.get("/service-worker.js").content.decode().split("\n", 1)[0]
    page = client.get("/offline").content.decode()
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert address in first


def test_another_script_is_another_version(
    client: Client, settings: LazySettings, tmp_path: Any
) -> None:
    def version() -> str:
        found = re.search(r'"version": "(\w+)"', client.get("/service-worker.js").content.decode())
        assert found is not None
        return found[1]

    before = version()
    assert version() == before
    folder = tmp_path / "static/js"
    folder.mkdir(parents=True)
    (folder / "service-worker.js").write_text("const { version } = self.LABITORY;")
    settings.BASE_DIR = tmp_path
    assert version() != before


def test_pages_lead_to_them_in_both_themes(client: Client, ada: User, as_user: LogIn) -> None:
    for page in (client.get("/accounts/login"), as_user(ada).get("/")):
        text = page.content.decode()
        assert 'href="/manifest.webmanifest"' in text
        assert 'href="/icons/any-180.png"' in text
        for colour in (THEME_LIGHT, THEME_DARK):
            assert f'content="{colour}"' in text
