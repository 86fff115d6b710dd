"""Production as a proxy sees it: hashed static files, one socket, headers said once."""

import ast
import http.client
import importlib.metadata
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import CommandError, call_command
from django.test import Client

from booking.models import Resource

ROOT = Path(__file__).resolve().parents[2]
HOST = "lab.example.org"
PATIENCE = 60
HASHED = re.compile(r"^/static/.+\.[0-9a-f]{12}\.[a-z.]+$")
PAGE = """
import json, sys, django
django.setup()
from django.conf import settings
settings.STATIC_ROOT = sys.argv[1]
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
from django.test import Client
page = Client().get("/accounts/login", secure=True, headers={"host": settings.ALLOWED_HOSTS[0]})
cookies = page.cookies.output()
print(json.dumps([page.status_code, page.content.decode(), dict(page.headers), cookies]))
"""
NAMED = """
import json
from django.conf import settings
print(json.dumps([settings.SITE_URL, [*settings.INSTALLED_APPS, *settings.MIDDLEWARE]]))
"""


def locked(name: str) -> set[str]:
    """The packages of a lock file."""
    lines = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0].strip() for line in lines if "==" in line[:80]}


@pytest.fixture
def environment(settings: LazySettings) -> dict[str, str]:
    """The four values, with the servers of this test run."""
    database = settings.DATABASES["default"]
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "labitory.settings.production",
        "SECRET_KEY": "k3y-" + "0123456789abcdef" * 4,
        "DATABASE_URL": os.environ.get("DATABASE_URL", f"postgresql:///{database['NAME']}"),
        "REDIS_URL": settings.REDIS_URL,
        "ALLOWED_HOSTS": HOST,
    }


@dataclass
class Web:
    """Gunicorn behind its socket, and a proxy's way to talk to it."""

    address: Path
    environment: dict[str, str]

    def ask(self, path: str, **headers: str) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers of an answer."""
        connection = http.client.HTTPConnection(HOST, timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(str(self.address))
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=told)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheaders()
        finally:
            connection.close()

    def is_healthy(self) -> bool:
        """What the container's health check says."""
        command = [sys.executable, "deploy/healthcheck.py"]
        environment = {**self.environment, "LABITORY_SOCKET": str(self.address)}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
        return done.returncode == 0


@pytest.fixture
def web(environment: dict[str, str]) -> Iterator[Web]:
    """The site as deploy/ serves it."""
    with tempfile.TemporaryDirectory(prefix="labitory-web-") as folder:
        found = Web(Path(folder) / "web.sock", environment)
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        with subprocess.Popen(
            [*command, "--bind", f"unix:{found.address}", "labitory.wsgi"],
            cwd=ROOT,
            env={**environment, "WEB_CONCURRENCY": "1"},
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                deadline = time.monotonic() + PATIENCE
                while not found.is_healthy() and time.monotonic() < deadline:
                    time.sleep(0.2)
                yield found
            finally:
                process.terminate()


def test_pages_name_static_files_by_their_digest(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PAGE, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, page, headers, cookies = json.loads(done.stdout.splitlines()[-1])
    assert status == 200
    named = re.findall(r"""(?:href|src)=["'](/static/[^"'#]+)""", page)
    assert any("/css/labitory." in name for name in named)
    for name in named:
        assert HASHED.match(name), f"{name} has no digest"
        assert (tmp_path / name.removeprefix("/static/")).is_file()
    assert "labitory-demo" not in page
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "default-src 'none';" in headers["Content-Security-Policy"]
    assert all(word in cookies for word in ("__Host-csrf=", "Secure", "HttpOnly", "SameSite=Lax"))
    assert "Domain=" not in cookies
    assert "Path=/" in cookies


def imports_of_our_own() -> Iterator[str]:
    """What the modules of the application import by name."""
    for app in ("labitory", "audit", "accounts", "booking", "analytics"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module


def test_production_needs_nothing_of_development(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    address, named = json.loads(done.stdout.splitlines()[-1])
    assert address == f"https://{HOST}"
    owners = importlib.metadata.packages_distributions()
    development = {re.sub(r"[-_.]+", "-", name).lower() for name in locked("dev") - locked("base")}
    assert "django-linear-migrations" in development
    strange = {
        module
        for module in {name.partition(".")[0] for name in (*named, *imports_of_our_own())}
        for owner in owners.get(module, [])
        if re.sub(r"[-_.]+", "-", owner).lower() in development
    }
    assert strange == set()


def test_a_proxy_finds_the_site_behind_its_socket(web: Web) -> None:
    assert web.is_healthy()
    status, headers = web.ask("/accounts/login", Host=HOST, X_Forwarded_Proto="http")
    assert (status, dict(headers)["Location"]) == (301, f"https://{HOST}/accounts/login")
    status, headers = web.ask("/health/ready", Host=HOST, X_Forwarded_Proto="https")
    assert status == 200
    names = [name.lower() for name, _value in headers]
    assert len(names) == len(set(names)), "a header is said twice"
    assert {"x-content-type-options", "x-frame-options", "referrer-policy"} <= set(names)
    assert web.ask("/api/v1/bookings", Host="evil.example.org")[0] == 400


def test_the_health_check_says_no_without_a_server(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert not Web(tmp_path / "none.sock", environment).is_healthy()


def test_demo_data_is_refused(db: None, settings: LazySettings) -> None:
    settings.DEMO_LOGINS = False
    with pytest.raises(CommandError, match="development only"):
        call_command("load_demo")
    assert Resource.objects.count() == 0


@pytest.fixture
def own_files(settings: LazySettings, tmp_path: Path) -> Path:
    """A source of static files that OwnManifestStorage collects."""
    source = tmp_path / "source"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "labitory.lib.storage.OwnManifestStorage"},
    }
    return source


def put(source: Path, **files: str) -> None:
    """Write files; two underscores are a slash, one a dot."""
    for name, text in files.items():
        path = source / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def collect() -> None:
    """What a release does."""
    call_command("collectstatic", interactive=False, verbosity=0)


def test_packages_may_point_to_what_they_do_not_ship(own_files: Path) -> None:
    script = 'import x from "bare";import "./gone.js";\n//# sourceMappingURL=gone.js.map\n'
    style = 'a{background:url("gone.png")}\n/*# sourceMappingURL=gone.css.map */\n'
    put(own_files, vendor__a_js=script, vendor__a_css=style)
    collect()
    collected = own_files.parent / "collected"
    for name, text in (("vendor/a.js", script), ("vendor/a.css", style)):
        address = staticfiles_storage.url(name)
        assert HASHED.match(address)
        hashed = collected / address.removeprefix("/static/")
        assert hashed.read_text(encoding="utf-8") == text


def test_our_own_files_name_each_other_by_digest(own_files: Path) -> None:
    put(
        own_files,
        css__a_css='a{background:url("../img/dot.svg")}',
        img__dot_svg="<svg></svg>",
        js__a_js='import { b } from "./b.js";\nb();\n',
        js__b_js="export function b() {}\n",
    )
    collect()
    collected = own_files.parent / "collected"
    for name, found in (
        ("css/a.css", r"url\(\"\.\./img/dot\.[0-9a-f]{12}\.svg\"\)"),
        ("js/a.js", r"from \"\./b\.[0-9a-f]{12}\.js\""),
    ):
        hashed = collected / staticfiles_storage.url(name).removeprefix("/static/")
        assert re.search(found, hashed.read_text(encoding="utf-8")), name


@pytest.mark.parametrize("text", ['a{background:url("../img/gone.svg")}', '@import "gone.css";'])
def test_our_own_files_must_find_what_they_name(own_files: Path, text: str) -> None:
    put(own_files, css__a_css=text)
    with pytest.raises(ValueError, match="gone"):
        collect()


def test_an_unknown_name_is_an_error_before_it_is_a_broken_page(own_files: Path) -> None:
    put(own_files, css__a_css="a{}")
    collect()
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        staticfiles_storage.url("css/b.css")


def test_uploads_are_not_served_by_the_application(client: Client, db: None) -> None:
    assert client.get("/media/resources/c1.jpg").status_code == 404
