"""What if: past bookings under other limits."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit, Status, TrialState
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.models import Booking, BookingPolicy, BookingStatus, PolicyTrial, Resource
from booking.queries.policy_trials import outcome_of, past_of
from booking.rules.proposals import LimitRow
from booking.rules.replay import gini
from booking.services import policy_trials
from booking.services.policy_trials import TrialWish, cancel_trial, run_trials, start_trial
from tests.factories.people import make_user
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def row(limit: Limit, value: int | None, role: str = "", **place: int) -> LimitRow:
    return LimitRow(
        limit=limit,
        role=role,
        value=value,
        resource_id=place.get("resource"),
        type_id=place.get("type"),
    )


def book(user: User, resource: Resource, made: datetime, start: datetime, hours: int) -> Booking:
    return Booking.objects.create(
        user=user,
        created_by=user,
        resource=resource,
        start_time=start,
        end_time=start + hours * HOUR,
        status=Status.COMPLETED,
        created_at=made,
    )


def ask(actor: User, now: datetime, *changes: LimitRow, months: int = 2) -> PolicyTrial:
    wish = TrialWish(title="Shorter", months=months, change=changes[0])
    return start_trial(actor=actor, wish=wish, now=now)


def finished(trial: PolicyTrial, now: datetime) -> dict[str, Any]:
    assert run_trials(clock=lambda: now) == 1
    trial.refresh_from_db()
    assert trial.state == TrialState.DONE
    assert trial.done == trial.total
    found: dict[str, Any] = trial.result
    return found


def test_what_would_have_been_refused_is_counted(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    made = now - 20 * DAY
    book(ada, microscope, made, made + DAY, 2)
    long = book(ada, microscope, made + HOUR, made + 3 * DAY, 6)
    book(ben, microscope, made, made + 5 * DAY, 4)
    book(ben, microscope, now - 200 * DAY, now - 199 * DAY, 9)
    found = finished(ask(chris, now, row(Limit.MAX_LENGTH, 240)), now)
    assert (found["bookings"], found["refused"], found["minutes"]) == (3, 1, 360)
    assert found["present"] == 0
    assert found["rules"] == {"length.maximum": [1, 360, 360]}
    assert found["people"] == {str(ada.pk): [1, 360, 480]}
    assert found["roles"] == {"student": [1, 360, 480], "academic": [0, 0, 240]}
    assert found["examples"] == [[long.pk, "length.maximum"]]
    assert found["gini"] == [round(gini([480, 240]), 4), round(gini([120, 240]), 4)]
    said = outcome_of(PolicyTrial.objects.get())
    assert said is not None
    assert said.rules[0].name == "Longer than allowed"
    assert said.examples[0][0] == long


def test_order_and_what_is_refused_decide_what_is_held(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    made = now - 20 * DAY
    # Asked for in another order than they take place; the second is refused and takes nothing.
    book(ada, microscope, made, made + 3 * DAY, 3)
    book(ada, microscope, made + HOUR, made + 2 * DAY, 3)
    book(ada, microscope, made + 2 * HOUR, made + 4 * DAY, 1)
    found = finished(ask(chris, now, row(Limit.FUTURE_MINUTES, 240)), now)
    assert found["rules"] == {"quota.future_minutes": [1, 180, 180]}
    assert [key for key, _code in found["examples"]] == [
        Booking.objects.order_by("created_at")[1].pk
    ]


def test_what_was_cancelled_counts_until_then(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    made = now - 20 * DAY
    gone = book(ada, microscope, made, made + 5 * DAY, 3)
    BookingStatus.objects.create(booking=gone, to_status=Status.CANCELLED, at=made + 3 * HOUR)
    book(ada, microscope, made + 2 * HOUR, made + 6 * DAY, 1)
    book(ada, microscope, made + 4 * HOUR, made + 7 * DAY, 1)
    found = finished(ask(chris, now, row(Limit.ACTIVE_BOOKINGS, 1)), now)
    assert found["refused"] == 1
    assert found["minutes"] == 60


def test_what_was_held_before_counts_and_is_not_judged(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    start = now - 59 * DAY
    book(ada, microscope, now - 90 * DAY, start + 5 * DAY, 3)
    book(ada, microscope, start, start + 6 * DAY, 1)
    found = finished(ask(chris, now, row(Limit.ACTIVE_BOOKINGS, 1)), now)
    assert (found["bookings"], found["refused"]) == (1, 1)


def test_the_most_specific_limit_is_tried_and_the_present_is_told_beside(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=60)
    made = now - 20 * DAY
    book(ada, microscope, made, made + DAY, 3)
    book(ben, microscope, made, made + 2 * DAY, 3)
    change = row(Limit.MAX_LENGTH, 600, "student", resource=microscope.pk)
    found = finished(ask(chris, now, change), now)
    assert (found["refused"], found["present"]) == (1, 2)
    assert set(found["people"]) == {str(ben.pk)}


def test_a_text_replaces_all(ada: User, chris: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=60)
    book(ada, microscope, now - 20 * DAY, now - 19 * DAY, 3)
    text = "title: Free\nlimits:\n- {limit: min_length, resource: Confocal 1, value: 4 h}\n"
    trial = start_trial(actor=chris, wish=TrialWish(title="x", months=1, text=text), now=now)
    assert finished(trial, now)["rules"] == {"length.minimum": [1, 180, 180]}


def test_a_worker_that_dies_is_taken_over(
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for user in (ada, ben, chris):
        book(user, microscope, now - 20 * DAY, now - (20 - user.pk % 7) * DAY + HOUR, 3)
    monkeypatch.setattr(policy_trials, "CHUNK", 1)
    trial = ask(chris, now, row(Limit.MAX_LENGTH, 60))
    seen: list[list[int]] = []

    def die_second(people: list[int], window: Any) -> Any:
        seen.append(list(people))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return past_of(people, window)

    monkeypatch.setattr(policy_trials, "past_of", die_second)
    with pytest.raises(KeyboardInterrupt):
        run_trials(clock=lambda: now)
    trial.refresh_from_db()
    assert (trial.state, trial.done, trial.total) == (TrialState.RUNNING, 1, 3)
    # It may still live.
    assert run_trials(clock=lambda: now + timedelta(minutes=1)) == 0
    found = finished(trial, now + timedelta(minutes=5))
    assert (found["bookings"], found["refused"]) == (3, 3)
    assert seen == [[ada.pk], [ben.pk], [ben.pk], [chris.pk]]


def test_one_that_was_stopped_ends(
    ada: User, chris: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(ada, microscope, now - 20 * DAY, now - 19 * DAY, 3)
    trial = ask(chris, now, row(Limit.MAX_LENGTH, 60))

    def stop(people: list[int], window: Any) -> Any:
        cancel_trial(actor=chris, trial_id=trial.public_id, now=now)
        return past_of(people, window)

    monkeypatch.setattr(policy_trials, "past_of", stop)
    assert run_trials(clock=lambda: now) == 0
    trial.refresh_from_db()
    assert (trial.state, trial.error) == (TrialState.FAILED, "Stopped by Chris.")
    with pytest.raises(ActionRefused, match=r"trial\.over"):
        cancel_trial(actor=chris, trial_id=trial.public_id, now=now)
    assert AuditLog.objects.filter(action="policy_trial.cancelled").count() == 1


def test_what_cannot_be_done_is_not_tried_for_ever(
    ada: User, chris: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(ada, microscope, now - 20 * DAY, now - 19 * DAY, 3)
    trial = ask(chris, now, row(Limit.MAX_LENGTH, 60))
    monkeypatch.setattr(policy_trials, "resource_facts", dict)
    with pytest.raises(KeyError):
        run_trials(clock=lambda: now)
    trial.refresh_from_db()
    assert trial.state == TrialState.FAILED
    assert "operators" in trial.error


@pytest.mark.parametrize("number", [1, 3])
def test_statements_do_not_grow_with_bookings(
    ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for each in range(number):
        book(ada, microscope, now - 20 * DAY, now - (19 - each) * DAY, 3)
        make_user(f"user{each}")
    ask(chris, now, row(Limit.MAX_LENGTH, 60))
    with count_queries(13):
        run_trials(clock=lambda: now)


def test_bad_wishes_are_refused_in_words(ada: User, chris: User, now: datetime) -> None:
    change = row(Limit.GAP, 60)
    for wish in (
        TrialWish(title="x", months=0, change=change),
        TrialWish(title="x", months=25, change=change),
        TrialWish(title=" ", months=2, change=change),
        TrialWish(title="x", months=2),
    ):
        with pytest.raises(ActionRefused):
            start_trial(actor=chris, wish=wish, now=now)
    with pytest.raises(BookingRefused):
        start_trial(actor=chris, wish=TrialWish(title="x", months=2, text="["), now=now)
    with pytest.raises(NotAllowed):
        start_trial(actor=ada, wish=TrialWish(title="x", months=2, change=change), now=now)
    for _each in range(10):
        ask(chris, now, change)
    with pytest.raises(ActionRefused, match=r"trial\.wish"):
        ask(chris, now, change)
    with pytest.raises(NotAllowed):
        cancel_trial(actor=ada, trial_id=PolicyTrial.objects.latest("pk").public_id, now=now)


def test_evenness() -> None:
    assert gini([]) == 0
    assert gini([0, 0]) == 0
    assert gini([5, 5, 5]) == pytest.approx(0)
    assert gini([0, 0, 0, 10]) == pytest.approx(0.75)
