"""The lab's own words for what people are told: each change is a version that can come back."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.errors import ActionRefused, BookingError, NotAllowed, Refusal
from booking.models import Wording
from booking.notifications.wordings import flaws, is_worded, tidied
from booking.queries.wordings import wordings_of
from labitory.lib.db import constraint_of, run_transaction

CODE = "message.manage"


def write_wording(
    *, actor: User, kind: str, language: str, subject: str, text: str, seen: int, now: datetime
) -> Wording:
    """Say a kind of event in the lab's own words, in one language, from now on.

    `seen` is the version that the author began from, 0 for none: who was overtaken is refused.
    What says the same as the version in force makes no other. Raises `NotAllowed`, `ActionRefused`,
    and `BookingError` with all that is wrong with the words.
    """
    _require(actor, kind, language)
    subject, text = tidied(subject), tidied(text)
    if found := flaws(kind, subject, text):
        raise BookingError(
            [Refusal(code=each.code, text=each.text, field=each.field) for each in found]
        )
    return run_transaction(
        lambda: _next(
            actor=actor, place=(kind, language), words=(subject, text), seen=seen, now=now
        )
    )


def reset_wording(
    *, actor: User, kind: str, language: str, seen: int, now: datetime
) -> Wording | None:
    """Give a kind the product's words back; earlier versions stay. None where it has them.

    Raises `NotAllowed` and `ActionRefused`.
    """
    _require(actor, kind, language)

    def work() -> Wording | None:
        if seen == 0 and (kind, language) not in wordings_of([kind]):
            return None
        return _next(actor=actor, place=(kind, language), words=("", ""), seen=seen, now=now)

    return run_transaction(work)


def restore_wording(
    *, actor: User, kind: str, language: str, version: int, seen: int, now: datetime
) -> Wording:
    """Say again what an earlier version said, as a new version.

    Words that name what is no longer known are refused. Raises `Wording.DoesNotExist` besides.
    """
    _require(actor, kind, language)
    old = Wording.objects.get(kind=kind, language=language, version=version)
    if old.subject and (found := flaws(kind, old.subject, old.text)):
        raise BookingError([Refusal(code=each.code, text=each.text, field="") for each in found])
    words = (old.subject, old.text)
    return run_transaction(
        lambda: _next(actor=actor, place=(kind, language), words=words, seen=seen, now=now)
    )


def _next(
    *, actor: User, place: tuple[str, str], words: tuple[str, str], seen: int, now: datetime
) -> Wording:
    latest = wordings_of([place[0]]).get(place)
    if (latest.version if latest else 0) != seen:
        raise _overtaken()
    if latest is not None and (latest.subject, latest.text) == words:
        return latest
    made = Wording(
        kind=place[0],
        language=place[1],
        version=seen + 1,
        subject=words[0],
        text=words[1],
        author=actor,
        created_at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) != "wording_version":
            raise
        raise _overtaken() from error
    record(
        action="wording.written" if words[0] else "wording.reset",
        actor=actor,
        target=made,
        now=now,
        changes={
            "subject": (latest.subject if latest else "", words[0]),
            "text": (latest.text if latest else "", words[1]),
        },
        facts={"kind": place[0], "language": place[1], "version": made.version},
    )
    return made


def _require(actor: User, kind: str, language: str) -> None:
    if not may(actor, CODE):
        raise NotAllowed(
            code="permission.wording",
            text=_("Only administrators write what people are told."),
            needs=CODE,
        )
    if not is_worded(kind) or language not in dict(settings.LANGUAGES):
        raise ActionRefused(
            code="wording.unknown",
            text=_("There is no such message, or no such language."),
            status=422,
        )


def _overtaken() -> ActionRefused:
    return ActionRefused(
        code="wording.overtaken",
        text=_(
            "Somebody else has changed these words in the meantime: compare theirs with yours, "
            "and keep yours again if they shall count."
        ),
    )
