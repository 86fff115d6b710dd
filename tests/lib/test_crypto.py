"""Encrypted values: bound to their column, told from changed ones, never twice the same."""

import pytest
from django.conf import LazySettings

from labitory.lib.crypto import CannotDecrypt, decrypt, encrypt, fingerprint, new_token

COLUMN = "accounts_userprofile.phone"


def test_what_is_encrypted_is_read_again_and_looks_different_each_time() -> None:
    first, second = (encrypt("030 1234", context=COLUMN) for _n in range(2))
    assert first != second
    assert "1234" not in first
    assert decrypt(first, context=COLUMN) == decrypt(second, context=COLUMN) == "030 1234"


def test_a_value_moved_to_another_column_does_not_open() -> None:
    value = encrypt("030 1234", context=COLUMN)
    with pytest.raises(CannotDecrypt):
        decrypt(value, context="accounts_userprofile.emergency_contact")


@pytest.mark.parametrize("place", [-1, -8, -20])
def test_a_changed_value_does_not_open(place: int) -> None:
    value = encrypt("030 1234 and some more", context=COLUMN)
    letters = list(value)
    # The last letters may hold unused bits: take one that differs by much.
    letters[place] = "A" if letters[place] not in "ABCD" else "z"
    with pytest.raises(CannotDecrypt):
        decrypt("".join(letters), context=COLUMN)


def test_without_its_key_a_value_does_not_open(settings: LazySettings) -> None:
    value = encrypt("030 1234", context=COLUMN)
    settings.FIELD_KEYS = {"other": "x" * 60}
    with pytest.raises(CannotDecrypt):
        decrypt(value, context=COLUMN)


def test_tokens_are_long_and_their_fingerprints_say_nothing() -> None:
    tokens = {new_token() for _n in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43
    token = tokens.pop()
    assert fingerprint(token) == fingerprint(token) != fingerprint(tokens.pop())
    assert token not in fingerprint(token)
