"""Keeping what people agreed to; part of the transaction of the act by which they did."""

from datetime import datetime

from accounts.models import Consent, User

CONTACT = "contact"
# Changes with the words on the profile page that people agree to.
VERSION = "1"


def note_contact_consent(user: User, *, given: bool, now: datetime) -> None:
    """Who writes a phone number or emergency contact agrees that it is kept."""
    is_open = Consent.objects.filter(user=user, purpose=CONTACT, withdrawn_at=None)
    if given == is_open.exists():
        return
    # The row is the record; the change of the profile is in the audit log.
    if given:
        Consent.objects.create(user=user, purpose=CONTACT, version=VERSION, given_at=now)
    else:
        is_open.update(withdrawn_at=now)
