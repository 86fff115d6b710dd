"""What deploy/ says agrees with the code, and the programs that will read it accept it."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from labitory.ops.embedded import HOME, ROOT

UNITS = ROOT / "deploy/systemd"
SERVICES = sorted(UNITS.glob("*.service"))
INSTALLED = "/opt/labitory"
HARDENING = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "User": "labitory",
}


def compose() -> dict[str, Any]:
    """The compose file."""
    found: dict[str, Any] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    )
    return found


def nginx_blocks() -> dict[str, str]:
    """The text of each location of the TLS server."""
    text = (ROOT / "deploy/nginx/labitory.conf").read_text(encoding="utf-8")
    return dict(re.findall(r"location (\S+) \{(.*?)\n    \}", text, re.DOTALL))


def test_workers_serve_every_queue() -> None:
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    queues.add(settings.CELERY_TASK_DEFAULT_QUEUE)
    unit = (UNITS / "labitory-worker.service").read_text(encoding="utf-8")
    command = compose()["services"]["worker"]["command"]
    found = {
        "systemd": re.search(r"--queues (\S+)", unit),
        "compose": re.search(r"--queues (\S+)", " ".join(command)),
        "dev": re.search(r'queues = "(\S+)"', (ROOT / "dev").read_text(encoding="utf-8")),
    }
    for where, match in found.items():
        assert match is not None, where
        assert set(match[1].split(",")) == queues, where


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_every_service_is_locked_in(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    service = dict(unit["Service"])
    assert HARDENING.items() <= service.items()
    assert service["EnvironmentFile"] == "/etc/labitory/labitory.env"
    program, *rest = service["ExecStart"].split()
    assert program.startswith(f"{INSTALLED}/.venv/bin/")
    for argument in rest:
        if argument.endswith(".py"):
            assert (ROOT / argument).is_file()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("gunicorn", "uvicorn", "celery", "python"):
        (programs / name).symlink_to("/bin/true")
    units = tmp_path / "units"
    units.mkdir()
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace(INSTALLED, str(tmp_path))
        (units / path.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(path.name for path in UNITS.iterdir())],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_scheduler_and_no_secret_in_compose() -> None:
    services = compose()["services"]
    ours = {name: each for name, each in services.items() if each.get("image") == "labitory"}
    assert set(ours) == {"prepare", "web", "live", "worker", "beat"}
    assert [name for name, each in ours.items() if "beat" in each.get("command", [])] == ["beat"]
    for name, each in ours.items():
        assert each["read_only"], name
        assert each["cap_drop"] == ["ALL"], name
        assert "ports" not in each, name
        for key in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"):
            assert ":?set it in .env}" in each["environment"][key], name
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "/tls/"} <= set(ignored)


def test_the_proxy_overwrites_what_the_application_believes() -> None:
    proxied = nginx_blocks()["/"]
    assert "proxy_set_header X-Real-IP $remote_addr;" in proxied
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in proxied
    assert "proxy_set_header Host $host;" in proxied
    assert "add_header" not in proxied, "the application sets its own headers"


def test_live_pages_have_their_socket_everywhere() -> None:
    live = nginx_blocks()["/ws/"]
    assert "proxy_set_header Upgrade $http_upgrade;" in live
    assert "proxy_set_header Connection upgrade;" in live
    socket = (UNITS / "labitory-live.socket").read_text(encoding="utf-8")
    nginx = (ROOT / "deploy/nginx/labitory.conf").read_text(encoding="utf-8")
    command = compose()["services"]["live"]["command"]
    assert "ListenStream=/run/labitory/live.sock" in socket
    assert "server unix:/run/labitory/live.sock" in nginx
    assert "/run/labitory/live.sock" in command
    unit = (UNITS / "labitory-live.service").read_text(encoding="utf-8")
    development = (ROOT / "dev").read_text(encoding="utf-8")
    for option in ("--ws-max-size", "--ws-per-message-deflate", "labitory.asgi:application"):
        assert option in unit
        assert option in command
        assert option in development


def test_uploads_are_sent_as_data() -> None:
    media = nginx_blocks()["/media/"]
    assert "add_header Content-Disposition attachment always;" in media
    assert "add_header X-Content-Type-Options nosniff always;" in media
    assert "default-src 'none'; sandbox" in media


def test_static_files_lie_where_the_proxy_looks() -> None:
    assert Path(settings.STATIC_ROOT) == HOME / "static"
    folder = Path(".labitory/static")
    assert f"alias {INSTALLED}/{folder}/;" in nginx_blocks()["/static/"]
    unit = (UNITS / "labitory-prepare.service").read_text(encoding="utf-8")
    assert f"ReadWritePaths={INSTALLED}/{folder.parent}" in unit


@pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx is not installed"
)
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    key, certificate = tmp_path / "labitory.key", tmp_path / "labitory.crt"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subprocess.run(
        [*make, "-subj", "/CN=lab.example.org", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy/nginx/labitory.conf").read_text(encoding="utf-8")
    site = tmp_path / "site.conf"
    site.write_text(text.replace("/etc/nginx/tls", str(tmp_path)), encoding="utf-8")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {site}; }}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(whole)],
        capture_output=True,
        text=True,
        check=False,
    )
    # What follows the syntax is about this machine: folders, and ports that only root may open.
    assert "syntax is ok" in done.stderr, done.stderr
