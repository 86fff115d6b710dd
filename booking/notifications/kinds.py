"""The shape of an event that names the people who hear of it."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedWords:
    """The words of one kind; they may use the facts of the event, `%(actor)s` and `%(lab)s`.

    `text` stands above the link, `after` below it. Unless somebody chose otherwise a notice
    appears if `notice`, and a mail goes out if `mail`. What is urgent waits for no quiet hours
    or digest.
    """

    subject: str | Promise
    text: str | Promise
    after: str | Promise = ""
    mail: bool = True
    notice: bool = True
    urgent: bool = False
    # Told to who looks after an instrument: who muted it hears nothing.
    looked_after: bool = False
    # By every channel there is, whatever people chose.
    everywhere: bool = False
