"""The command that makes the lab's key for notices in browsers."""

from io import StringIO

from django.core.management import call_command

from labitory.lib.webpush import public_key_of


def printed() -> list[str]:
    out = StringIO()
    call_command("make_vapid_key", stdout=out)
    return out.getvalue().splitlines()


def test_it_prints_a_pair_that_belongs_together() -> None:
    first = printed()
    name, _, key = first[0].partition("=")
    assert name == "VAPID_PRIVATE_KEY"
    assert first[1] == f"# Public key: {public_key_of(key)}"
    assert printed()[0] != first[0]
