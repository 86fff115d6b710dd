"""The lab's own words: who may write them, what they may say, and where they are read."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from structlog.testing import capture_logs

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Timing
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.events import post_event, post_notice
from booking.handlers import HANDLERS
from booking.models import Notification, Resource, Wording
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.facts import FACTS, NAMED_FACT, example_facts, fact_names
from booking.notifications.wordings import SHIPPED, flaws, is_worded
from booking.services.bookings import create_booking
from booking.services.events import dispatch_batch
from booking.services.messages import gather_digests, lend_messages, send_message
from booking.services.reach import choose_timings
from booking.services.wordings import reset_wording, restore_wording, write_wording
from labitory.lib.periods import Period
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
KIND = "quota.overdrawn"
FACTS_OF_IT = {"quota": "Beam time", "gives": "2 h"}


def write(
    actor: User,
    subject: str,
    now: datetime,
    *,
    text: str = "Talk to us.",
    seen: int = 0,
    kind: str = KIND,
    language: str = "en",
) -> Wording:
    return write_wording(
        actor=actor, kind=kind, language=language, subject=subject, text=text, seen=seen, now=now
    )


def tell(user: User, now: datetime, **facts: str) -> None:
    post_notice(kind=KIND, people=[user.pk], path="/quotas", now=now, facts=FACTS_OF_IT | facts)
    dispatch_batch(handlers=HANDLERS, now=now)


def deliver(now: datetime) -> None:
    for key, attempt in list(lend_messages(now=now)):
        assert send_message(message_id=key, attempt=attempt, now=now)


def title() -> str:
    return Notification.objects.latest("pk").title


def test_notice_and_mail_say_it_in_the_labs_words(ada: User, dora: User, now: datetime) -> None:
    write(dora, "Too much %(quota)s at 100%%", now, text="%(lab)s: <b>%(gives)s</b>.\r\nCome by.")
    tell(ada, now)
    notice = Notification.objects.get()
    assert notice.title == "Too much Beam time at 100%"
    assert notice.body == "Labitory Core Facility: <b>2 h</b>.\nCome by."
    deliver(now)
    [sent] = mail.outbox
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert sent.subject == notice.title
    assert "<b>2 h</b>" in sent.body
    html = str(sent.alternatives[0][0])
    assert "&lt;b&gt;2 h&lt;/b&gt;.<br>Come by." in html
    # The button stands there whatever the words say.
    assert "http://127.0.0.1:8000/quotas" in sent.body
    assert AuditLog.objects.filter(action="wording.written").count() == 1


def test_bookings_accounts_and_digests_are_worded_as_well(
    ada: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    write(dora, "Yours: %(resource)s at %(lab)s", now, kind="booking.created")
    write(dora, "New key", now, kind="account.password_reset_requested", text="Press it.")
    write(dora, "%(count)s for you", now, kind="message.digest")
    create_booking(
        actor=chris,
        user=ada,
        resource_ids=[microscope.public_id],
        period=Period(now + timedelta(hours=1), now + timedelta(hours=2)),
        now=now,
    )
    choose_timings(actor=ada, user=ada, choices={(KIND, "email"): Timing.DAILY}, now=now)
    kind = "account.password_reset_requested"
    post_event(kind=kind, payload={"user": ada.pk, "facts": {}}, now=now)
    tell(ada, now)
    assert Notification.objects.filter(title="Yours: Confocal 1 at Labitory Core Facility").exists()
    deliver(now)
    assert {"New key", "Yours: Confocal 1 at Labitory Core Facility"} <= {
        each.subject for each in mail.outbox
    }
    key = next(str(each.body) for each in mail.outbox if each.subject == "New key")
    assert "/accounts/reset/" in key or "/password" in key
    gather_digests(now=now + timedelta(days=1))
    deliver(now + timedelta(days=1))
    assert mail.outbox[-1].subject == "1 message for you"


def test_each_language_has_its_own(ada: User, ben: User, dora: User, now: datetime) -> None:
    write(dora, "Zu viel: %(quota)s", now, language="de")
    ben.preferences.language = "de"
    ben.preferences.save()
    tell(ada, now)
    assert title() == "Your quota “Beam time” is smaller now"
    tell(ben, now)
    assert title() == "Zu viel: Beam time"


def test_a_version_without_words_gives_the_first_ones_back(
    ada: User, dora: User, now: datetime
) -> None:
    assert reset_wording(actor=dora, kind=KIND, language="en", seen=0, now=now) is None
    write(dora, "Mine", now)
    again = write(dora, "Mine", now, seen=1)
    assert again.version == 1
    reset_wording(actor=dora, kind=KIND, language="en", seen=1, now=now)
    tell(ada, now)
    assert title() == "Your quota “Beam time” is smaller now"
    restore_wording(actor=dora, kind=KIND, language="en", version=1, seen=2, now=now)
    tell(ada, now)
    assert title() == "Mine"
    found = Wording.objects.values_list("version", "subject")
    assert sorted(found) == [(1, "Mine"), (2, ""), (3, "Mine")]
    assert AuditLog.objects.filter(action__startswith="wording.").count() == 3


def test_who_was_overtaken_is_refused_and_nothing_is_written(dora: User, now: datetime) -> None:
    write(dora, "First", now)
    for seen in (0, 2):
        with pytest.raises(ActionRefused) as refused:
            write(dora, "Second", now, seen=seen)
        assert refused.value.status == 409
    assert [each.subject for each in Wording.objects.all()] == ["First"]


def test_of_two_at_the_same_moment_the_database_lets_one_write(
    dora: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(dora, "First", now)
    # Neither has seen the other's.
    monkeypatch.setattr("booking.services.wordings.wordings_of", lambda _kinds: {})
    with pytest.raises(ActionRefused) as refused:
        write(dora, "Second", now)
    assert refused.value.refusals[0].code == "wording.overtaken"
    assert [each.subject for each in Wording.objects.all()] == ["First"]


@pytest.mark.parametrize(
    ("subject", "text", "codes"),
    [
        ("", "", ["wording.empty", "wording.empty"]),
        ("a" * 201, "a" * 4001, ["wording.long", "wording.long"]),
        ("a\nb", "a", ["wording.lines"]),
        ("a\x07b", "\u202ea", ["wording.control", "wording.control"]),
        ("a\ud800", "a\tb", ["wording.control", "wording.control"]),
        ("100%", "%s", ["wording.percent", "wording.percent"]),
        ("%(quota)d", "%(quota)", ["wording.percent", "wording.percent"]),
        ("%(quota.pk)s", "%(quota)10s", ["wording.percent", "wording.percent"]),
        ("%(actor)s", "%(password)s", ["wording.unknown_fact"]),
        ("%%%(quota)s%%", "%(quota)s" * 31, ["wording.many_facts"]),
    ],
)
def test_what_could_not_be_said_is_refused_with_all_reasons(
    dora: User, now: datetime, subject: str, text: str, codes: list[str]
) -> None:
    with pytest.raises(BookingError) as refused:
        write(dora, subject, now, text=text)
    assert [each.code for each in refused.value.refusals] == codes
    assert not Wording.objects.exists()
    assert not AuditLog.objects.filter(action="wording.written").exists()


def test_an_old_text_stops_no_message(ada: User, dora: User, now: datetime) -> None:
    Wording.objects.create(
        kind=KIND, language="en", version=1, subject="%(gone)s", text="x", author=dora,
        created_at=now,
    )  # fmt: skip
    with capture_logs() as logs:
        tell(ada, now)
    assert title() == "Your quota “Beam time” is smaller now"
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == [
        "wording.unusable"
    ]
    with pytest.raises(BookingError):
        restore_wording(actor=dora, kind=KIND, language="en", version=1, seen=1, now=now)
    # A fact that an event of before did not bring.
    write(dora, "%(quota)s: %(gives)s", now, seen=1)
    post_notice(kind="quota.adjusted", people=[], now=now)
    said = SHIPPED.say("message.digest", {"lab": "Lab", "count": "1 message"})
    assert said.subject == "Your digest from Lab: 1 message"


def test_an_empty_fact_leaves_a_subject(ada: User, dora: User, now: datetime) -> None:
    write(dora, "%(quota)s", now)
    tell(ada, now, quota=" ")
    assert title() == "Your quota “ ” is smaller now"


def test_only_administrators_write_and_only_what_is_read(
    cast: dict[str, User], now: datetime
) -> None:
    for name in ("ada", "ben", "chris", "eve"):
        with pytest.raises(NotAllowed):
            write(cast[name], "Mine", now)
        with pytest.raises(NotAllowed):
            reset_wording(actor=cast[name], kind=KIND, language="en", seen=0, now=now)
    for kind, language in (("time.freed", "en"), ("no.kind", "en"), (KIND, "xx")):
        with pytest.raises(ActionRefused):
            write(cast["dora"], "Mine", now, kind=kind, language=language)
    assert not Wording.objects.exists()


def test_many_readers_cost_one_look(cast: dict[str, User], now: datetime) -> None:
    write(cast["dora"], "Mine", now)
    for people in ([cast["ada"].pk], [each.pk for each in cast.values()]):
        post_notice(kind=KIND, people=people, now=now, facts=FACTS_OF_IT)
        with count_queries() as counted:
            dispatch_batch(handlers=HANDLERS, now=now)
        assert sum("booking_wording" in each for each in counted.statements) == 1


@pytest.mark.parametrize("kind", [name for name in CATALOGUE if is_worded(name)])
def test_the_words_of_the_product_could_be_the_labs(kind: str, now: datetime) -> None:
    entry = CATALOGUE[kind]
    assert flaws(kind, str(entry.subject), str(entry.text)) == []
    assert set(NAMED_FACT.findall(str(entry.after))) <= set(fact_names(kind)) <= set(FACTS)
    facts = example_facts(kind, now)
    said = SHIPPED.say(kind, dict.fromkeys(facts, "x") | {"lab": "x"})
    assert said.subject
    assert "%(" not in said.text + said.after
    assert entry.audience is not Audience.NOBODY
