"""Every kind of event that people hear of: who, by which channel, in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.notifications.access import ACCESS_WORDS
from booking.notifications.announcements import ANNOUNCEMENT_WORDS
from booking.notifications.approvals import APPROVAL_WORDS
from booking.notifications.assessments import ASSESSMENT_WORDS
from booking.notifications.calendars import CALENDAR_WORDS
from booking.notifications.check_ins import CHECK_IN_WORDS
from booking.notifications.closing import CLOSING_WORDS
from booking.notifications.endpoints import ENDPOINT_WORDS
from booking.notifications.faults import FAULT_WORDS
from booking.notifications.followed import FOLLOWED_WORDS
from booking.notifications.keys import KEY_WORDS
from booking.notifications.kinds import NamedWords
from booking.notifications.offers import OFFER_WORDS
from booking.notifications.people import PEOPLE_WORDS
from booking.notifications.proposals import PROPOSAL_WORDS
from booking.notifications.quotas import QUOTA_WORDS
from booking.notifications.reminders import REMINDER_WORDS
from booking.notifications.roles import ROLE_WORDS
from booking.notifications.sign_on import SIGN_ON_WORDS
from booking.notifications.training import TRAINING_WORDS
from booking.notifications.watching import WATCH_WORDS


class Audience(Enum):
    """Who hears of an event; the actor gets no notice of their own act."""

    PEOPLE = "the people of the booking"
    DECIDERS = "responsible persons and lab managers"
    ACCOUNT = "the owner of the account"
    NAMED = "the people it names"
    FORMER = "those whose booking it was until then"
    FOLLOWERS = "who follows the resource"
    DIGEST = "whoever chose to hear once a day or week"
    NOBODY = "nobody: the waiting list or open pages follow it"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind: its audience, whether it goes by mail, and its subject and words.

    Subject and text may use `%(resource)s`, `%(when)s`, `%(actor)s`, `%(user)s` and `%(reason)s`.
    """

    audience: Audience
    mail: bool
    subject: "str | Promise"
    text: "str | Promise"
    # The text where people act on what is theirs, if it differs.
    own: "str | Promise" = ""
    # The iCalendar method of the attached file, or empty for none.
    calendar: str = ""
    # What a mail about an account says below its link.
    after: "str | Promise" = ""
    # Whether a notice appears inside the application, for who did not choose otherwise.
    notice: bool = True
    # What is urgent waits for no quiet hours and no digest.
    urgent: bool = False
    # In an emergency: by every channel there is, whatever people chose.
    everywhere: bool = False
    # By what the kinds come that nobody can do without.
    channel: str = "email"

    @property
    def is_required(self) -> bool:
        """Whether nobody can do without it: what protects accounts comes by mail, at once."""
        return self.audience is Audience.ACCOUNT or self.everywhere


# Each noun brings its own; all are told alike.
NAMED: Mapping[str, NamedWords] = {
    **CALENDAR_WORDS,
    **CHECK_IN_WORDS,
    **APPROVAL_WORDS,
    **ACCESS_WORDS,
    **ASSESSMENT_WORDS,
    **ENDPOINT_WORDS,
    **FAULT_WORDS,
    **OFFER_WORDS,
    **PROPOSAL_WORDS,
    **QUOTA_WORDS,
    **REMINDER_WORDS,
    **CLOSING_WORDS,
    **TRAINING_WORDS,
    **ANNOUNCEMENT_WORDS,
    **WATCH_WORDS,
}

CATALOGUE: Mapping[str, EventKind] = {
    "booking.created": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Booked: %(resource)s, %(when)s"),
        text=_("%(actor)s booked %(resource)s for %(user)s: %(when)s."),
        own=_("%(user)s booked %(resource)s: %(when)s."),
        calendar="REQUEST",
    ),
    "booking.requested": EventKind(
        audience=Audience.DECIDERS,
        mail=True,
        subject=_("Please decide: %(resource)s, %(when)s"),
        text=_("%(user)s asks for %(resource)s: %(when)s."),
    ),
    "booking.rescheduled": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Moved: %(resource)s, now %(when)s"),
        text=_("%(actor)s moved the booking of %(user)s to %(resource)s: %(when)s."),
        own=_("%(user)s moved the booking to %(resource)s: %(when)s."),
        calendar="REQUEST",
    ),
    "booking.imported": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("From a calendar: %(resource)s, %(when)s"),
        text=_(
            "%(actor)s took times of %(resource)s over from a calendar file for %(user)s: "
            "%(when)s. What is new, moved or cancelled stands in the file with this message."
        ),
        calendar="REQUEST",
    ),
    "booking.cancelled": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Cancelled: %(resource)s, %(when)s"),
        text=_(
            "%(actor)s cancelled the booking of %(resource)s for %(user)s: %(when)s. %(reason)s"
        ),
        own=_("%(user)s cancelled the booking of %(resource)s: %(when)s. %(reason)s"),
        calendar="CANCEL",
    ),
    "booking.approved": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Approved: %(resource)s, %(when)s"),
        text=_("%(actor)s approved %(resource)s for %(user)s: %(when)s. %(reason)s"),
        calendar="REQUEST",
    ),
    "booking.rejected": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Not approved: %(resource)s, %(when)s"),
        text=_("%(actor)s did not approve %(resource)s for %(user)s: %(when)s. %(reason)s"),
        calendar="CANCEL",
    ),
    "booking.checked_in": EventKind(
        audience=Audience.PEOPLE,
        mail=False,
        subject=_("In use: %(resource)s"),
        text=_("%(actor)s checked in to %(resource)s for %(user)s: %(when)s."),
    ),
    "booking.extended": EventKind(
        audience=Audience.PEOPLE,
        mail=False,
        subject=_("Extended: %(resource)s, now %(when)s"),
        text=_("%(actor)s extended the booking of %(resource)s for %(user)s: %(when)s."),
    ),
    "booking.completed": EventKind(
        audience=Audience.PEOPLE,
        mail=False,
        subject=_("Finished: %(resource)s"),
        text=_("The booking of %(resource)s for %(user)s is finished: %(when)s."),
    ),
    "booking.transferred": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Yours from now on: %(resource)s, %(when)s"),
        text=_("%(actor)s gave the booking of %(resource)s to %(user)s: %(when)s."),
        calendar="REQUEST",
    ),
    "booking.given": EventKind(
        audience=Audience.FORMER,
        mail=True,
        subject=_("No longer yours: %(resource)s, %(when)s"),
        text=_("%(user)s has the booking of %(resource)s from now on: %(when)s."),
        calendar="CANCEL",
        # Who proposed it reads the answer; who accepted knows.
        notice=False,
    ),
    "booking.no_show": EventKind(
        audience=Audience.PEOPLE,
        mail=True,
        subject=_("Missed: %(resource)s, %(when)s"),
        text=_("%(actor)s noted that nobody came for %(resource)s: %(when)s."),
        calendar="CANCEL",
    ),
    "account.password_reset_requested": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("Choose a new password"),
        text=_(
            "Somebody asked to choose a new password for your account at %(lab)s. This link works "
            "once, for %(minutes)s minutes:"
        ),
        after=_("If it was not you, do nothing: your password stays as it is."),
        notice=False,
    ),
    "account.factor_added": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("A second factor was added to your account"),
        text=_("“%(device)s” can now be used to log in to your account at %(lab)s. Your factors:"),
        after=_("If it was not you, change your password, remove it, and tell us at once."),
        notice=False,
    ),
    "account.factor_removed": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("A second factor was removed from your account"),
        text=_("“%(device)s” no longer opens your account at %(lab)s. Your factors:"),
        after=_("If it was not you, change your password and tell us at once."),
        notice=False,
    ),
    "account.backup_codes_made": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("New backup codes for your account"),
        text=_("New backup codes were made for your account at %(lab)s; earlier ones are void."),
        after=_("If it was not you, change your password and tell us at once."),
        notice=False,
    ),
    "account.backup_code_used": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("A backup code was used"),
        text=_("A backup code was used for your account at %(lab)s. Left are: %(left)s. More:"),
        after=_("If it was not you, change your password and tell us at once."),
        notice=False,
    ),
    "account.factor_failing": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("Somebody tries to get into your account"),
        text=_(
            "Somebody who seems to know your password at %(lab)s showed wrong codes several "
            "times. They are made to wait. If it was not you, change your password:"
        ),
        notice=False,
    ),
    "account.factor_reset_asked": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("Your second factors are to be reset"),
        text=_(
            "%(actor)s asked to remove all second factors of your account at %(lab)s: "
            "%(reason)s. It happens when a second person agrees. You can refuse it:"
        ),
        after=_("If you did not ask for this, refuse it and tell us at once."),
        notice=False,
    ),
    "account.factor_reset": EventKind(
        audience=Audience.ACCOUNT,
        mail=True,
        subject=_("Your second factors were reset"),
        text=_(
            "All second factors of your account at %(lab)s were removed: %(reason)s. Log in with "
            "your password and add a new one:"
        ),
        after=_("If you did not ask for this, change your password and tell us at once."),
        notice=False,
    ),
    "account.phone_code": EventKind(
        audience=Audience.ACCOUNT,
        mail=False,
        channel="sms",
        subject=_("Your code for text messages from %(lab)s"),
        text=_("The code itself is made when it is sent, and kept nowhere."),
        notice=False,
    ),
    **{
        name: EventKind(
            audience=Audience.ACCOUNT,
            mail=True,
            subject=subject,
            text=text,
            after=after,
            notice=False,
        )
        for name, (subject, text, after) in {
            **KEY_WORDS,
            **PEOPLE_WORDS,
            **ROLE_WORDS,
            **SIGN_ON_WORDS,
        }.items()
    },
    "message.digest": EventKind(
        audience=Audience.DIGEST,
        mail=True,
        notice=False,
        subject=_("Your digest from %(lab)s: %(count)s"),
        text=_("What happened since the last one:"),
    ),
    "time.freed": EventKind(
        audience=Audience.NOBODY,
        mail=False,
        notice=False,
        subject=_("Time became free"),
        text="",
    ),
    "endpoint.tested": EventKind(
        audience=Audience.NOBODY,
        mail=False,
        notice=False,
        subject=_("A test of a chat room or webhook"),
        text="",
    ),
    "display.revoked": EventKind(
        audience=Audience.NOBODY,
        mail=False,
        notice=False,
        subject=_("A display was taken down"),
        text="",
    ),
    "resource.changed": EventKind(
        audience=Audience.NOBODY,
        mail=False,
        notice=False,
        subject=_("An instrument changed"),
        text="",
    ),
    **{
        name: EventKind(
            audience=Audience.FOLLOWERS if name in FOLLOWED_WORDS else Audience.NAMED,
            mail=words.mail,
            notice=words.notice,
            subject=words.subject,
            text=words.text,
            after=words.after,
            urgent=words.urgent,
            everywhere=words.everywhere,
        )
        for name, words in {**NAMED, **FOLLOWED_WORDS}.items()
    },
}
