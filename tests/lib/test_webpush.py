"""Web push against the examples of its standards, and against a browser's own reading."""

from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag

from labitory.lib.webpush import (
    LONGEST,
    authorization,
    check_browser_keys,
    encrypt,
    new_private_key,
    public_key_of,
    read_bytes,
    write_bytes,
)
from tests.support.push import Browser, claims_of

# RFC 8291, section 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SENDER_PUBLIC = (
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
)
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
    "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
    "gSxsj_Qulcy4a-fN"
)
# RFC 8292, section 2.4.
VAPID = (
    "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQ"
    "iLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFO"
    "epC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, "
    "k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)


def test_the_example_of_the_standard_comes_out() -> None:
    body = encrypt(TEXT, p256dh=P256DH, auth=AUTH, salt=read_bytes(SALT), sender_key=SENDER)
    assert write_bytes(body) == BODY
    assert public_key_of(SENDER) == SENDER_PUBLIC


@pytest.mark.parametrize("text", [b"", b"\x00\x02", "Grüße".encode() * 40, b"x" * LONGEST])
def test_a_browser_reads_what_was_written_to_it(text: bytes) -> None:
    browser = Browser()
    body = encrypt(text, p256dh=browser.p256dh, auth=browser.auth)
    assert browser.read(body) == text
    assert len(body) <= 4096
    # Nothing is ever sealed twice with the same numbers.
    assert encrypt(text, p256dh=browser.p256dh, auth=browser.auth)[:86] != body[:86]


def test_no_other_browser_reads_it() -> None:
    browser, other = Browser(), Browser()
    body = encrypt(b"for one alone", p256dh=browser.p256dh, auth=browser.auth)
    with pytest.raises(InvalidTag):
        other.read(body)


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        encrypt(b"x" * (LONGEST + 1), p256dh=P256DH, auth=AUTH)


def test_we_read_the_senders_of_the_standard_and_write_alike() -> None:
    theirs = claims_of(VAPID, audience="https://push.example.net")
    assert theirs == {
        "aud": "https://push.example.net",
        "exp": 1453523768,
        "sub": "mailto:push@example.com",
    }
    key, now = new_private_key(), datetime(2026, 3, 2, 7, tzinfo=UTC)
    header = authorization(
        "https://push.example.net:8443/send/1?x=2",
        private_key=key,
        contact="mailto:lab@example.org",
        now=now,
    )
    ours = claims_of(header, audience="https://push.example.net:8443", at=now.timestamp())
    assert ours["sub"] == "mailto:lab@example.org"
    assert header.endswith(f"k={public_key_of(key)}")


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (P256DH[:-2], AUTH),
        (P256DH, AUTH[:-2]),
        ("B" + "A" * 86, AUTH),
        ("", ""),
        ("ü", AUTH),
        (P256DH.replace("_", "/"), AUTH),
    ],
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    check_browser_keys(P256DH, AUTH)
    with pytest.raises(ValueError):
        check_browser_keys(p256dh, auth)


def test_every_key_is_another() -> None:
    keys = {new_private_key() for _each in range(20)}
    assert len(keys) == 20
    assert {len(read_bytes(key)) for key in keys} == {32}
