"""Who is asking, when a proxy stands in front."""

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from labitory.lib.http import client_address, client_country
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


BALANCER = "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        # The visitor wrote the first one; only what our own proxy added counts.
        ("127.0.0.1, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("1.1.1.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.3", "10.0.0.3"),
        ("", BALANCER),
        ("unknown", BALANCER),
        ("192.0.2.7, <script>", BALANCER),
        ("192.0.2.7, , 10.0.0.2", "10.0.0.2"),
    ],
)
def test_a_named_proxy_is_believed_as_far_as_proxies_speak(
    settings: LazySettings, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert address_seen(REMOTE_ADDR=BALANCER, HTTP_X_FORWARDED_FOR=forwarded) == address
    behind_socket = {"REMOTE_ADDR": "", "HTTP_X_REAL_IP": BALANCER}
    assert address_seen(**behind_socket, HTTP_X_FORWARDED_FOR=forwarded) == address


@pytest.mark.parametrize("proxies", [[], ["10.0.0.1"], ["192.168.0.0/16", "2001:db8::/32"]])
def test_nobody_else_forwards(settings: LazySettings, proxies: list[str]) -> None:
    settings.TRUSTED_PROXIES = proxies
    seen = address_seen(REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert seen == "198.51.100.9"


@pytest.mark.parametrize(
    ("peer", "told", "country"),
    [
        (BALANCER, "de", "DE"),
        ("", "FR", "FR"),
        (BALANCER, "Germany", ""),
        (BALANCER, "<b", ""),
        (BALANCER, "", ""),
        ("198.51.100.9", "DE", ""),
    ],
)
def test_only_our_proxies_tell_the_country(
    settings: LazySettings, peer: str, told: str, country: str
) -> None:
    settings.TRUSTED_PROXIES, settings.COUNTRY_HEADER = [BALANCER], "X-Country"
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(client_country(request))
        return HttpResponse()

    request = RequestFactory().get("/", headers={"X-Country": told})
    request.META["REMOTE_ADDR"] = peer
    ProxyAddressMiddleware(view)(request)
    assert seen == [country]
