"""What choices of how to be told read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

REACH = {
    "notification.timings_chosen": (_("%(actor)s chose what they hear of, and when"),),
    "notification.mails_declined": (_("%(actor)s declined mails by the link in one of them"),),
    "notification.mails_taken": (_("%(actor)s wants the mails again that they had declined"),),
    "notification.defaults_chosen": (_("%(actor)s chose what people hear of who did not choose"),),
    "notification.schedule_chosen": (_("%(actor)s set their quiet hours, digest and reminders"),),
    "browser.added": (_("%(actor)s has notices shown in a browser: %(browser)s"),),
    "browser.removed": (_("%(actor)s has notices shown no more in a browser: %(browser)s"),),
    "feed.created": (_("%(actor)s made the calendar feed %(object)s: %(scope)s"),),
    "feed.renewed": (_("%(actor)s gave the calendar feed %(object)s a new address"),),
    "remote_calendar.connected": (
        _("%(actor)s let bookings be written into their calendar %(name)s"),
    ),
    "remote_calendar.ended": (_("%(actor)s ended the writing into their calendar"),),
    "remote_calendar.kept": (
        _("%(actor)s kept %(object)s as it is, other than in their own calendar"),
    ),
    "display.created": (_("%(actor)s hung up the display %(object)s: %(scope)s"),),
    "display.revoked": (_("%(actor)s took down the display %(object)s: %(scope)s"),),
    "feed.revoked": (_("%(actor)s revoked the calendar feed %(object)s"),),
    "message.undelivered": (
        _("What was sent to %(object)s by %(channel)s did not arrive: %(why)s"),
    ),
    "address.stopped": (_("Nothing more is mailed to %(object)s: %(why)s"),),
    "address.tried": (
        _("%(actor)s had mails sent to the address of %(object)s again, which had come back"),
    ),
    "phone.given": (_("%(actor)s gave a number for text messages"),),
    "phone.verified": (_("%(actor)s verified their number for text messages"),),
    "phone.removed": (_("%(actor)s removed their number for text messages"),),
    "messages.exported": (_("%(actor)s took out the log of messages, %(rows)s lines"),),
    "resource.watched": (_("%(actor)s chose what they hear of %(object)s"),),
    "wording.written": (_("%(actor)s wrote the words of %(kind)s (%(language)s, %(version)s)"),),
    "wording.reset": (_("%(actor)s gave %(kind)s its first words back (%(language)s)"),),
}
