"""Passkeys: keys kept by a phone, a computer or a stick, which check who is holding them."""

import json
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_registration_response,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts.locks import lock_user
from accounts.models import Passkey, User
from accounts.services._factors import (
    clean_name,
    factor_added,
    owns_factor,
    refuse,
)
from accounts.services._proofs import UNREADABLE, Answer, Party
from accounts.wall import acting_for, run_as
from labitory.lib.db import constraint_of

__all__ = ["Answer", "Party", "add_passkey", "authentication_options", "registration_options"]

MOST_PASSKEYS = 20
_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})


def registration_options(*, user: User, party: Party, challenge: bytes) -> str:
    """What the browser needs to make a passkey, as JSON. It must check who is holding it."""
    return options_to_json(
        generate_registration_options(
            rp_id=party.rp_id,
            rp_name=settings.LAB_NAME,
            user_id=user.public_id.bytes,
            user_name=user.username,
            user_display_name=user.full_name,
            challenge=challenge,
            exclude_credentials=_descriptors(user),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
    )


def authentication_options(*, user: User | None, party: Party, challenge: bytes) -> str:
    """What the browser needs to show a passkey, as JSON; without a user, any it keeps for us."""
    return options_to_json(
        generate_authentication_options(
            rp_id=party.rp_id,
            challenge=challenge,
            allow_credentials=_descriptors(user) if user is not None else [],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def add_passkey(*, user: User, name: str, answer: Answer, keep: str, now: datetime) -> list[str]:
    """Keep a passkey that the browser has made.

    With the first factor of a person come ten backup codes, given back to be shown once. Other
    sessions of theirs than the one with the key `keep` end.
    """
    made = _verified(answer)

    def work() -> list[str]:
        lock_user(user.pk)
        if Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
            raise refuse("many", _("That is enough: remove a passkey before you add another."))
        is_first = not owns_factor(user)
        key = Passkey.objects.create(
            user=user,
            name=clean_name(name, _("Passkey")),
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=_transports(answer.text),
            is_backed_up=made.credential_backed_up,
            added_at=now,
        )
        return factor_added(
            "factor.passkey_added", user, key.name, is_first=is_first, keep=keep, now=now
        )

    try:
        return run_as(user.pk, work)
    except IntegrityError as error:
        if "credential_id" in constraint_of(error):
            raise refuse("known", _("This passkey was added already.")) from error
        raise


def _verified(answer: Answer) -> VerifiedRegistration:
    try:
        return verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=answer.party.rp_id,
            expected_origin=answer.party.origin,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise refuse("passkey", _("The passkey could not be made. Try once more.")) from error


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(user=user).values_list("credential_id", flat=True)
    with acting_for(user.pk):
        return [PublicKeyCredentialDescriptor(id=bytes(each)) for each in ids]


def _transports(text: str) -> list[str]:
    """How the browser reaches the key, as far as the words are known."""
    response = json.loads(text).get("response", {})
    found = response.get("transports", []) if isinstance(response, dict) else []
    return sorted(_TRANSPORTS.intersection(each for each in found if isinstance(each, str)))
