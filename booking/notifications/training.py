"""What people are told of courses, sessions and certificates."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

TRAINING_WORDS: Mapping[str, NamedWords] = {
    "training.signed_up": NamedWords(
        subject=_("Signed up: %(course)s, %(when)s"),
        text=_("%(user)s has a place in %(course)s: %(when)s. %(place)s"),
        after=_("Whoever cannot come gives the place back on that page: somebody may be waiting."),
    ),
    "training.place_free": NamedWords(
        subject=_("A place for you: %(course)s, %(when)s"),
        text=_("A place has become free, and it is yours: %(course)s, %(when)s. %(place)s"),
        after=_("Whoever cannot come gives the place back on that page: somebody may be waiting."),
    ),
    "training.place_given_back": NamedWords(
        subject=_("Place given back: %(course)s, %(when)s"),
        text=_("%(user)s gave back the place in %(course)s: %(when)s. Nobody else waits for it."),
        mail=False,
    ),
    "training.session_cancelled": NamedWords(
        subject=_("Called off: %(course)s, %(when)s"),
        text=_("%(course)s will not take place: %(when)s. %(reason)s"),
        after=_("The page of the course shows its next sessions."),
    ),
    "training.session_moved": NamedWords(
        subject=_("Moved: %(course)s, now %(when)s"),
        text=_("%(course)s takes place at another time: %(when)s. %(place)s"),
        after=_("Whoever cannot come gives the place back on that page: somebody may be waiting."),
    ),
    "training.session_changed": NamedWords(
        subject=_("Changed: %(course)s, %(when)s"),
        text=_("%(course)s is now given by %(instructor)s: %(when)s. %(place)s"),
    ),
    "training.passed": NamedWords(
        subject=_("Passed: %(course)s"),
        text=_("You have passed %(course)s. Your certificate, number %(certificate)s:"),
    ),
    "training.not_passed": NamedWords(
        subject=_("Not passed: %(course)s"),
        text=_("You have not passed %(course)s: %(when)s. Its page shows the next sessions:"),
    ),
    "training.revoked": NamedWords(
        subject=_("Certificate taken back: %(course)s"),
        text=_("Your certificate %(certificate)s of %(course)s counts no more: %(reason)s"),
    ),
    "training.ending": NamedWords(
        subject=_("%(course)s counts until %(until)s"),
        text=_(
            "Your certificate of %(course)s counts until %(until)s. Sign up for a session in time, "
            "and you go on booking without a break:"
        ),
    ),
    "training.arranged": NamedWords(
        subject=_("You give a training: %(course)s, %(when)s"),
        text=_("%(actor)s has arranged a training with you for %(user)s: %(course)s, %(when)s."),
        # The booking itself comes by mail, with its calendar file.
        mail=False,
    ),
}
