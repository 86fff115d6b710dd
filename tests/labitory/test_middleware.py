"""Who is asking, when a proxy stands in front."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from labitory.lib.http import client_address
from labitory.middleware import ProxyAddressMiddleware


def address_seen(**meta: str) -> str:
    """The address that everything behind the middleware sees."""
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(client_address(request))
        return HttpResponse()

    request = RequestFactory().get("/")
    request.META.update(meta)
    ProxyAddressMiddleware(view)(request)
    return seen[0]


def test_the_proxy_behind_our_socket_says_who_asks() -> None:
    assert address_seen(REMOTE_ADDR="", HTTP_X_REAL_IP="192.0.2.7") == "192.0.2.7"
    assert address_seen(REMOTE_ADDR="", HTTP_X_REAL_IP="2001:DB8::7") == "2001:db8::7"


@pytest.mark.parametrize("path", ["/about", "/api/v1/resources", "/nowhere"])
def test_no_cache_keeps_an_answer_for_another(client: Client, ada: User, path: str) -> None:
    client.force_login(ada)
    assert "private" in client.get(path)["Cache-Control"]


def test_nobody_else_is_believed() -> None:
    assert address_seen(REMOTE_ADDR="198.51.100.9", HTTP_X_REAL_IP="192.0.2.7") == "198.51.100.9"


@pytest.mark.parametrize("told", ["", "unknown", "192.0.2.7, 10.0.0.1", "<script>"])
def test_what_is_no_address_becomes_this_machine(told: str) -> None:
    assert address_seen(REMOTE_ADDR="", HTTP_X_REAL_IP=told) == "127.0.0.1"
