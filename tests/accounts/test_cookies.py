"""Names of cookies, and what a browser forgets at log-out."""

import json
import subprocess
import sys
from pathlib import Path

from django.test import Client

from accounts.models import User
from tests.accounts.services.test_sessions import log_in

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "KNOWN_DEVICE_COOKIE_NAME",
    "MESSAGES_COOKIE_NAME",
)
ASK = f"""
import json
from django.conf import settings
names = [getattr(settings, name) for name in {NAMES!r}]
bound = [settings.SESSION_COOKIE_DOMAIN, settings.CSRF_COOKIE_DOMAIN]
paths = [settings.SESSION_COOKIE_PATH, settings.CSRF_COOKIE_PATH]
secure = [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE]
print(json.dumps([names, bound, paths, secure]))
"""


def test_in_production_every_cookie_is_of_this_host_alone() -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "labitory.settings.production",
        "SECRET_KEY": "a-key-of-more-than-fifty-characters-for-this-test-only-0123456789",
        "DATABASE_URL": "postgresql://labitory@/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "ALLOWED_HOSTS": "lab.example.org",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    names, bound, paths, secure = json.loads(done.stdout)
    assert all(name.startswith("__Host-") for name in names)
    assert len(set(names)) == len(NAMES)
    # What browsers ask of such a name.
    assert (bound, paths, secure) == ([None, None], ["/", "/"], [True, True])


def test_the_browser_forgets_pages_and_storage_at_log_out(ada: User) -> None:
    client = log_in(ada)
    # By a plain form, as without JavaScript.
    answer = client.post("/accounts/logout")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/accounts/login").headers
    # Cookies are left alone: the browser stays known.
    assert client.cookies["known_device"].value


def test_what_is_said_next_is_in_a_cookie_of_the_settings_name(ada: User) -> None:
    client = log_in(ada)
    answer = client.post("/accounts/sessions/end-others")
    assert "messages" in answer.cookies
    page = client.get(answer["Location"])
    assert "ended" in page.content.decode()
    assert Client().get("/accounts/login").cookies.get("messages") is None
