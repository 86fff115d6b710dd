"""What a browser is told, and what it is refused, at every address."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.services.passwords import password_reset_link
from booking.models import Resource
from labitory import errors
from tests.factories.people import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
LogIn = Callable[[User], Client]
# Addresses that take a POST without our token, and why that is safe.
WITHOUT_TOKEN = {
    "csp_report": "browsers send these reports by themselves; nothing is changed by one",
    "booking:mails_decline": "mail programs post without a cookie; the link is signed",
    "booking:sms_status": "the sender of texts signs each report with the token of our account",
    "accounts:sso_complete": "the provider posts here; the session must have asked (state)",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; report-uri /csp-report"
)
PAGES = {
    "public": ("/accounts/login", 200),
    "home": ("/", 200),
    "unknown": ("/nowhere", 404),
    "not allowed": ("/audit/", 403),
    "documentation": ("/api/v1/docs", 200),
    "schema": ("/api/v1/schema", 200),
    "api": ("/api/v1/resources", 200),
    "api unknown": ("/api/v1/nowhere", 404),
    "health": ("/health/live", 200),
}


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def check_headers(response: Any) -> None:
    found = directives(response["Content-Security-Policy"])
    assert found == directives(POLICY)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = response["Permissions-Policy"]
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(policy.split(", "))
    assert "*" not in policy
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(("path", "status"), PAGES.values(), ids=list(PAGES))
def test_every_kind_of_page_carries_the_headers(
    ada: User, as_user: LogIn, path: str, status: int
) -> None:
    client = as_user(ada) if path != "/accounts/login" else Client()
    response = client.get(path, headers={"origin": "https://evil.example"})
    assert response.status_code == status
    check_headers(response)


def test_the_administration_carries_the_headers(dora: User, as_user: LogIn) -> None:
    for path in ("/admin/", "/admin/audit/alertrule/", "/admin/nowhere/"):
        check_headers(as_user(dora).get(path, follow=True))


def test_the_page_of_our_own_faults_carries_the_headers(
    ada: User, as_user: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("broken")

    client = as_user(ada)
    client.raise_request_exception = False
    monkeypatch.setattr("booking.context.navigation_counts", fail)
    monkeypatch.setattr(errors, "explain_refusal", fail)
    response = client.get("/audit/")
    assert response.status_code == 500
    check_headers(response)


def test_static_files_may_not_be_embedded_by_others(client: Client) -> None:
    assert finders.find("js/app.js") or finders.find("css/app.css")
    stack = settings.MIDDLEWARE
    ours = stack.index("labitory.middleware.IsolationMiddleware")
    assert ours < stack.index("whitenoise.middleware.WhiteNoiseMiddleware")


def test_reports_of_the_policy_are_taken_and_nothing_else(client: Client) -> None:
    address = reverse("csp_report")
    good = '{"csp-report": {"document-uri": "/", "violated-directive": "script-src"}}'
    assert client.post(address, good, content_type="application/csp-report").status_code == 204
    for bad in ("", "[]", "{}", '{"csp-report": 1}', "\xff"):
        assert client.post(address, bad, content_type="application/json").status_code == 400
    assert client.post(address, "x" * 9000, content_type="application/json").status_code == 413
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("path", ["/api/v1/resources", "/api/v1/auth/token", "/accounts/login"])
def test_no_other_site_may_read_answers(ada: User, as_user: LogIn, path: str) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for answer in (
        as_user(ada).options(path, headers=asked),
        as_user(ada).get(path, headers=asked),
    ):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "lab.example.org.evil.example", "lab.example.org@evil.example"]
)
def test_a_foreign_host_is_refused(client: Client, settings: LazySettings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["lab.example.org"]
    response = client.get("/accounts/login", headers={"host": host})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()
    assert client.get("/accounts/login", headers={"host": "lab.example.org"}).status_code == 200


def test_mails_lead_to_the_configured_site_whatever_the_host_says(
    ada: User, client: Client, settings: LazySettings
) -> None:
    client.post(
        reverse("accounts:password_reset"),
        {"email": ada.email},
        headers={"x-forwarded-host": "evil.example"},
    )
    assert password_reset_link(ada).startswith(settings.SITE_URL)
    assert not settings.USE_X_FORWARDED_HOST


def patterns(
    resolver: URLResolver, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every address: its name with its namespace, its path with sample values, its pattern."""
    for each in resolver.url_patterns:
        path = prefix + sample(each)
        if isinstance(each, URLResolver):
            inner = ":".join(part for part in (space, each.namespace or "") if part)
            yield from patterns(each, path, inner)
        else:
            yield ":".join(part for part in (space, each.name or "?") if part), path, each


def sample(pattern: URLPattern | URLResolver) -> str:
    """The path with a value for each converter; what is a regular expression is left out."""
    route = str(pattern.pattern)
    if route.startswith("^"):
        return "1/"
    values = {"uuid": str(uuid4()), "int": "1", "path": "x", "slug": "x", "str": "x"}
    return re.sub(r"<(?:(\w+):)?\w+>", lambda m: values.get(m[1] or "str", "x"), route)


def pages() -> list[tuple[str, str]]:
    """Addresses of pages; programs use /api/, whose sessions need the token as well."""
    return [
        (name, f"/{path}")
        for name, path, _pattern in patterns(get_resolver())
        if not path.startswith(("api/", "media/")) and "$" not in path
    ]


def test_no_page_takes_a_form_without_its_token(dora: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dora)
    asked, let_in = 0, []
    for name, path in pages():
        response = client.post(path, {"next": "/"})
        # 405 and 404 are said before the token only where nothing is done with a POST.
        if response.status_code not in (403, 404, 405) and name not in WITHOUT_TOKEN:
            let_in.append((name, path, response.status_code))
        asked += response.status_code == 403
    assert let_in == []
    assert asked > 100


def test_the_exemptions_are_known_with_their_reasons() -> None:
    """The API's own views ask for the token themselves, where a session speaks."""
    exempt = {
        name
        for name, path, pattern in patterns(get_resolver())
        if getattr(pattern.callback, "csrf_exempt", False) and not path.startswith("api/")
    }
    assert exempt == WITHOUT_TOKEN.keys()


def test_the_api_asks_sessions_for_the_token(ada: User, microscope: Resource) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    answer = client.post("/api/v1/bookings", {}, content_type="application/json")
    assert answer.status_code == 403


EVIL = ("https://evil.example/", "//evil.example", "/\\evil.example", "\thttps://evil.example")


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_no_page_sends_to_another_site(dora: User, who: str) -> None:
    """Every address, with `next` in the query and in the form, logged in and not."""
    client = Client()
    for n, (name, path) in enumerate(pages()):
        # Some of the pages before may have ended it.
        if who == "member" and "_auth_user_id" not in client.session:
            client.force_login(dora)
        given = {"next": EVIL[n % len(EVIL)], "back": EVIL[n % len(EVIL)]}
        for answer in (client.get(path, given), client.post(path, given)):
            place = answer.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", place), (name, place)


@pytest.mark.parametrize("target", EVIL)
@pytest.mark.parametrize("page", ["accounts:login", "accounts:resume", "admin:login"])
def test_the_doors_lead_to_this_site_only(ada: User, page: str, target: str) -> None:
    client = Client()
    sent = {"username": "ada", "password": PASSWORD, "next": target}
    place = client.post(reverse(page), sent).headers.get("Location", "/")
    assert re.match(r"/(?![/\\])", place)
    assert "evil" not in place


# Modules that open connections, and to where.
FETCHING = {"requests", "httpx", "urllib3", "urllib.request", "http.client", "aiohttp", "ftplib"}
MAY_FETCH: dict[str, str] = {
    "labitory/ops/doctor.py": "asks the servers that the settings name",
    "labitory/lib/outbound.py": "the one door: it looks where a name leads, and refuses the inside",
}


def test_what_users_name_is_fetched_through_one_door() -> None:
    fetching = {}
    for app in ("labitory", "audit", "accounts", "booking", "analytics"):
        for path in (ROOT / app).rglob("*.py"):
            names: set[str] = set()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
            if names & FETCHING:
                fetching[path.relative_to(ROOT).as_posix()] = sorted(names & FETCHING)
    assert fetching.keys() <= MAY_FETCH.keys(), fetching
