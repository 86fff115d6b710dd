"""What people choose to hear, and when it reaches them."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import pytest
from django.core import mail

from accounts.models import User
from audit.models import AuditLog
from booking.enums import DeliveryStatus, FaultState, Severity, Timing, WatchMode
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_notice
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Message,
    Notification,
    NotificationPreference,
    NotificationSchedule,
    Resource,
    ResourceWatch,
    ResponsiblePerson,
)
from booking.notifications.channels.email import EmailChannel
from booking.services.bookings import create_booking
from booking.services.events import dispatch_batch
from booking.services.faults import FaultChange, FaultReport, change_fault, report_fault
from booking.services.maintenance import schedule_maintenance
from booking.services.messages import gather_digests, lend_messages, send_message
from booking.services.reach import Schedule, choose_schedule, choose_timings, watch_resource
from labitory.lib.periods import Period
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MAIL = ("booking.created", "email")
NOTICE = ("booking.created", "in_app")
Choices = Mapping[tuple[str, str], Timing]


def choose(user: User, choices: Choices, now: datetime) -> int:
    """A person's own choice."""
    return choose_timings(actor=user, user=user, choices=choices, now=now)


def book(user: User, resource: Resource, now: datetime, actor: User | None = None) -> Booking:
    """Tomorrow's hour, told of."""
    last = Booking.objects.order_by("-end_time").first()
    start = last.end_time if last else now + HOUR
    [booking] = create_booking(
        actor=actor or user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(start, start + HOUR),
        now=now,
    )
    dispatch_batch(handlers=HANDLERS, now=now)
    return booking


def quiet(user: User, start: time, end: time) -> None:
    NotificationSchedule.objects.create(user=user, quiet_from=start, quiet_until=end)


def states() -> list[tuple[str, datetime | None]]:
    rows = Message.objects.order_by("pk").values_list("status", "next_attempt_at")
    return list(rows)


def test_without_a_choice_it_is_as_the_catalogue_says(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    book(ada, microscope, now, actor=chris)
    assert Notification.objects.filter(user=ada).count() == 1
    assert Message.objects.filter(user=ada, channel="email", status="pending").count() == 1


def test_what_is_off_comes_not(ada: User, chris: User, microscope: Resource, now: datetime) -> None:
    assert choose(ada, {MAIL: Timing.OFF, NOTICE: Timing.OFF}, now) == 2
    book(ada, microscope, now, actor=chris)
    assert not Notification.objects.filter(user=ada).exists()
    assert not Message.objects.filter(user=ada).exists()


def test_the_labs_choice_holds_for_who_chose_nothing(
    ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    choose(ben, {MAIL: Timing.DAILY}, now)
    choose_timings(actor=dora, user=None, choices={MAIL: Timing.OFF}, now=now)
    book(ada, microscope, now)
    book(ben, microscope, now)
    assert [each.user for each in Message.objects.all()] == [ben]


def test_a_choice_that_changes_nothing_is_not_kept(ada: User, dora: User, now: datetime) -> None:
    assert choose(ada, {MAIL: Timing.NOW}, now) == 0
    assert choose(ada, {MAIL: Timing.OFF}, now) == 1
    assert choose(ada, {MAIL: Timing.NOW}, now) == 1
    assert not NotificationPreference.objects.exists()
    assert AuditLog.objects.filter(action="notification.timings_chosen").count() == 2
    # What was chosen against the lab's default stays when it is what the catalogue says.
    choose_timings(actor=dora, user=None, choices={MAIL: Timing.OFF}, now=now)
    choose(ada, {MAIL: Timing.NOW}, now)
    assert NotificationPreference.objects.get(user=ada).timing == Timing.NOW


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({("booking.unknown", "email"): Timing.OFF}, "notification.unknown_choice"),
        ({("booking.created", "pigeon"): Timing.OFF}, "notification.unknown_choice"),
        ({("booking.created", "in_app"): Timing.DAILY}, "notification.unknown_choice"),
        ({("account.locked", "email"): Timing.OFF}, "notification.required"),
    ],
)
def test_what_cannot_be_chosen_is_refused_whole(
    ada: User, now: datetime, choices: Choices, code: str
) -> None:
    with pytest.raises(ActionRefused) as refused:
        choose(ada, {MAIL: Timing.OFF, **choices}, now)
    assert [each.code for each in refused.value.refusals] == [code]
    assert not NotificationPreference.objects.exists()
    assert not AuditLog.objects.filter(action__startswith="notification.").exists()


def test_nobody_chooses_for_another_nor_for_the_lab(cast: dict[str, User], now: datetime) -> None:
    for name, actor in cast.items():
        with pytest.raises(NotAllowed):
            other = cast["ben" if name != "ben" else "ada"]
            choose_timings(actor=actor, user=other, choices={MAIL: Timing.OFF}, now=now)
        if name != "dora":
            with pytest.raises(NotAllowed):
                choose_timings(actor=actor, user=None, choices={MAIL: Timing.OFF}, now=now)
    assert not NotificationPreference.objects.exists()


def test_in_quiet_hours_it_waits_for_their_end(
    ada: User, microscope: Resource, now: datetime
) -> None:
    # It is eight in the morning of the lab.
    quiet(ada, time(7), time(9, 30))
    book(ada, microscope, now)
    [(status, moment)] = states()
    assert status == "pending"
    assert moment == now.replace(hour=8, minute=30)
    assert list(lend_messages(now=now)) == []
    assert len(list(lend_messages(now=now.replace(hour=8, minute=30)))) == 1


def test_quiet_hours_are_those_of_ones_own_zone(
    ada: User, microscope: Resource, now: datetime
) -> None:
    type(ada.preferences).objects.filter(user=ada).update(time_zone="Asia/Tokyo")
    # It is four in the afternoon there.
    quiet(ada, time(15), time(17))
    book(ada, microscope, now)
    assert states() == [("pending", now + HOUR)]


def test_what_is_late_waits_for_the_end_of_quiet_hours_too(
    ada: User, microscope: Resource, now: datetime
) -> None:
    # Planned at eight, when it was not quiet; the workers were away until nine at night.
    quiet(ada, time(20), time(7))
    book(ada, microscope, now)
    assert states() == [("pending", None)]
    night = now + timedelta(hours=13)
    assert lend_messages(now=night) == []
    morning = night.replace(hour=6) + timedelta(days=1)
    assert states() == [("pending", morning)]
    assert len(lend_messages(now=morning)) == 1


def test_what_is_urgent_comes_at_once(ada: User, now: datetime) -> None:
    quiet(ada, time(0), time(23, 59))
    choose(ada, {("offer.made", "email"): Timing.WEEKLY}, now)
    post_notice(kind="offer.made", people=[ada.pk], now=now, facts=_OFFER)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert states() == [("pending", None)]


def test_a_flood_becomes_one_message(
    ada: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmailChannel, "most_an_hour", 2)
    for _number in range(4):
        post_notice(kind="quota.overdrawn", people=[ada.pk], now=now, facts=_QUOTA)
        dispatch_batch(handlers=HANDLERS, now=now)
    assert [status for status, _moment in states()] == ["pending", "pending", "held", "held"]
    assert gather_digests(now=now + HOUR / 2) == 0
    assert gather_digests(now=now + HOUR) == 1
    assert Message.objects.get(kind="message.digest").gathered.count() == 2


def test_a_digest_gathers_what_was_kept_and_reads_well(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    choose(ada, {MAIL: Timing.DAILY, ("quota.overdrawn", "email"): Timing.DAILY}, now)
    first = book(ada, microscope, now, actor=chris)
    gone = book(ada, microscope, now, actor=chris)
    post_notice(kind="quota.overdrawn", people=[ada.pk], path="/quotas", now=now, facts=_QUOTA)
    dispatch_batch(handlers=HANDLERS, now=now)
    gone.delete()
    tomorrow = now.replace(hour=6) + timedelta(days=1)
    assert {each.next_attempt_at: each.status for each in Message.objects.filter(user=ada)} == {
        tomorrow: DeliveryStatus.HELD
    }
    Message.objects.exclude(user=ada).delete()
    assert list(lend_messages(now=tomorrow)) == []
    with count_queries(5):
        assert gather_digests(now=tomorrow) == 1
    assert gather_digests(now=tomorrow) == 0
    [(key, attempt)] = lend_messages(now=tomorrow)
    assert send_message(message_id=key, attempt=attempt, now=tomorrow)
    [sent] = mail.outbox
    assert sent.subject == "Your digest from Labitory Core Facility: 2 messages"
    body = str(sent.body)
    assert body.index("Bookings") < body.index("Booked: Confocal 1") < body.index("Quotas")
    assert f"http://127.0.0.1:8000/bookings/{first.public_id}" in body
    assert str(gone.public_id) not in body
    assert sent.extra_headers["Message-ID"] == Message.objects.get(pk=key).receipt
    kept = Message.objects.exclude(pk=key)
    assert {(each.status, each.digest_id) for each in kept} == {(DeliveryStatus.GATHERED, key)}


def test_a_digest_of_nothing_is_not_sent(ada: User, microscope: Resource, now: datetime) -> None:
    choose_timings(actor=ada, user=ada, choices={MAIL: Timing.DAILY}, now=now)
    book(ada, microscope, now)
    Booking.objects.all().delete()
    tomorrow = now.replace(hour=6) + timedelta(days=1)
    assert gather_digests(now=tomorrow) == 1
    [(key, attempt)] = lend_messages(now=tomorrow)
    assert not send_message(message_id=key, attempt=attempt, now=tomorrow)
    assert Message.objects.get(pk=key).status == DeliveryStatus.VOID
    assert mail.outbox == []


def test_who_muted_a_resource_is_not_asked_to_decide(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    Resource.objects.update(requires_approval=True)
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    watch_resource(user=ben, resource_id=microscope.public_id, mode=WatchMode.MUTE, now=now)
    book(ada, microscope, now)
    assert not Notification.objects.filter(user=ben).exists()
    assert not Message.objects.filter(user=ben).exists()


def test_who_muted_a_resource_hears_of_no_faults_on_it(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for user in (ben, chris):
        ResponsiblePerson.objects.create(resource=microscope, user=user)
    watch_resource(user=ben, resource_id=microscope.public_id, mode=WatchMode.MUTE, now=now)
    report = FaultReport(title="No laser", severity=Severity.HIGH)
    report_fault(actor=ada, resource_id=microscope.public_id, report=report, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    told = Notification.objects.filter(event__kind="fault.reported")
    assert [each.user for each in told] == [chris]
    assert not Message.objects.filter(user=ben).exists()


def test_ones_own_booking_is_never_muted(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    watch_resource(user=ada, resource_id=microscope.public_id, mode=WatchMode.MUTE, now=now)
    book(ada, microscope, now, actor=chris)
    assert Message.objects.filter(user=ada).count() == 1


def test_watching_is_one_row_and_told_once(ada: User, microscope: Resource, now: datetime) -> None:
    for mode in (WatchMode.FOLLOW, WatchMode.FOLLOW, WatchMode.MUTE, None, None):
        watch_resource(user=ada, resource_id=microscope.public_id, mode=mode, now=now)
    assert not ResourceWatch.objects.exists()
    assert AuditLog.objects.filter(action="resource.watched").count() == 3


def test_what_is_hidden_cannot_be_watched(ada: User, now: datetime) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    with pytest.raises(Resource.DoesNotExist):
        watch_resource(user=ada, resource_id=hidden.public_id, mode=WatchMode.FOLLOW, now=now)


def test_followers_hear_of_faults_and_maintenance(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for user in (ada, chris):
        watch_resource(user=user, resource_id=microscope.public_id, mode=WatchMode.FOLLOW, now=now)
    fault = report_fault(
        actor=ben,
        resource_id=microscope.public_id,
        report=FaultReport(title="Laser off"),
        now=now,
    )
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now + 48 * HOUR, now + 49 * HOUR),
        title="Alignment",
        now=now,
    )
    dispatch_batch(handlers=HANDLERS, now=now)
    told = Notification.objects.filter(user=ada).order_by("pk")
    assert [each.event.kind for each in told] == ["resource.fault", "resource.maintenance"]
    # Who reported it is for those who mend it.
    assert ben.full_name not in "".join(each.title + each.body for each in told)
    assert told[0].url == f"/faults/{fault.public_id}"
    assert not Notification.objects.filter(user=eve, event__kind__startswith="resource.").exists()
    # Hidden from now on: who does not find it hears no more of it.
    Resource.objects.update(is_hidden=True)
    Notification.objects.all().delete()
    solved = FaultChange(
        state=FaultState.RESOLVED, severity=Severity.MEDIUM, blocks_use=False, note="New fuse"
    )
    change_fault(actor=chris, fault_id=fault.public_id, change=solved, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not Notification.objects.filter(user=ada).exists()


def wanted(start: time | None, end: time | None) -> Schedule:
    return Schedule(
        quiet_from=start,
        quiet_until=end,
        digest_at=time(18),
        digest_weekday=4,
        remind_minutes=None,
    )


def test_a_schedule_is_set_and_told_once(ada: User, now: datetime) -> None:
    for _time in range(2):
        choose_schedule(user=ada, wanted=wanted(time(22), time(7)), now=now)
    schedule = NotificationSchedule.objects.get(user=ada)
    assert (schedule.quiet_from, schedule.digest_weekday) == (time(22), 4)
    assert AuditLog.objects.filter(action="notification.schedule_chosen").count() == 1


@pytest.mark.parametrize(("start", "end"), [(time(22), None), (None, time(7)), (time(7), time(7))])
def test_half_of_the_quiet_hours_is_refused(
    ada: User, now: datetime, start: time | None, end: time | None
) -> None:
    with pytest.raises(ActionRefused):
        choose_schedule(user=ada, wanted=wanted(start, end), now=now)
    assert not NotificationSchedule.objects.exists()


def test_planning_costs_the_same_for_one_and_for_many(cast: dict[str, User], now: datetime) -> None:
    for people in ([cast["ada"].pk], [each.pk for each in cast.values()]):
        post_notice(kind="quota.overdrawn", people=people, now=now, facts=_QUOTA)
        with count_queries(12):
            dispatch_batch(handlers=HANDLERS, now=now)


_QUOTA = {"quota": "Beam time", "gives": "2 h"}
_OFFER = {
    "resource": "Confocal 1",
    "when": {"start": "2026-03-03T09:00:00+00:00", "end": "2026-03-03T10:00:00+00:00"},
    "until": {"at": "2026-03-02T08:00:00+00:00"},
}
