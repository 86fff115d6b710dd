"""The log of everything sent, and what one was sent oneself."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog, DataAccess, SecurityEvent
from booking.enums import DeliveryStatus
from booking.models import Message, Notification, OutboxEvent
from booking.services import message_log
from tests.accounts.views.test_step_up import age
from tests.conftest import LogIn
from tests.factories.messages import make_message
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
LOG, OWN = "/manage/messages", "/notices/sent"
DAY = timedelta(days=1)


def test_who_may_see_what(
    as_user: LogIn, client: Client, cast: dict[str, User], now: datetime
) -> None:
    message = make_message(cast["ada"], now)
    paths = (LOG, f"{LOG}/{message.pk}", f"{LOG}/stuck")
    acts = (f"{LOG}/resend", f"{LOG}/{message.pk}/resend")
    for path in (*paths, OWN):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in paths:
        seen = {name for name, user in cast.items() if as_user(user).get(path).status_code == 200}
        assert seen == {"chris", "dora"}
    for path in acts:
        assert as_user(cast["dora"]).get(path).status_code == 405
        for name in ("ada", "ben", "chris", "eve"):
            assert as_user(cast[name]).post(path).status_code == 403
    assert as_user(cast["dora"]).get(f"{LOG}/999999999").status_code == 404
    assert as_user(cast["dora"]).get(f"{LOG}/{10**30}").status_code == 404


def test_the_search(as_user: LogIn, ada: User, ben: User, dora: User, now: datetime) -> None:
    make_message(ada, now, kind="fault.assigned")
    make_message(ada, now - 40 * DAY, kind="fault.assigned")
    make_message(ben, now - DAY, kind="fault.overdue", status=DeliveryStatus.SENT)
    make_message(None, now, kind="account.factor_added", address="new@example.org")
    client = as_user(dora)

    def found(query: str) -> int:
        return len(client.get(f"{LOG}?{query}").context["lines"])

    assert found("") == 3
    assert found("person=ada") == 1
    assert found("person=ada&since=2026-01-01") == 2
    assert found("person=ADA%40example.org&status=failed") == 1
    assert found("person=new%40example.org") == 1
    assert (found("kind=fault."), found("kind=fault.overdue"), found("status=sent")) == (2, 1, 1)
    assert (found("channel=email"), found("person=nobody")) == (3, 0)
    assert found("until=2026-03-01") == 1
    for wrong in (
        "person=%00",
        "since=2026-03-05&until=2026-03-01",
        "kind=nonsense",
        "since=0001-01-01",
    ):
        assert client.get(f"{LOG}?{wrong}").status_code == 422


def test_looking_for_somebody_is_kept(as_user: LogIn, ada: User, dora: User, now: datetime) -> None:
    message = make_message(ada, now)
    client = as_user(dora)
    client.get(LOG)
    assert not DataAccess.objects.exists()
    client.get(f"{LOG}?person=ada")
    client.get(f"{LOG}/{message.pk}")
    rows = DataAccess.objects.values_list("viewer_name", "subject_name", "what")
    assert list(rows) == [("Dora", "Ada", "messages")] * 2


def test_pages_go_on_where_the_last_one_ended(as_user: LogIn, ada: User, now: datetime) -> None:
    for n in range(45):
        make_message(ada, now - timedelta(minutes=n // 2), status=DeliveryStatus.SENT)
    client = as_user(ada)
    first = client.get(OWN)
    second = client.get(OWN + first.context["older"])
    keys = [line.message.pk for page in (first, second) for line in page.context["lines"]]
    assert len(set(keys)) == len(keys) == 45
    assert (second.context["older"], second.context["first"]) == ("", "?")


FILE = f"{LOG}/file"


def taken(client: Client, **search: str) -> list[dict[str, str]]:
    answer = client.post(FILE, search)
    assert answer.status_code == 200 and answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_log_is_taken_out_as_it_is_searched(
    as_user: LogIn, ada: User, ben: User, chris: User, now: datetime
) -> None:
    message = make_message(ada, now, receipt="=1+1", last_error='@SUM(A1)\n"x";y')
    make_message(ben, now - DAY, status=DeliveryStatus.SENT, sent_at=now)
    make_message(None, now, kind="account.factor_added", address="new@example.org")
    make_message(ada, now - 40 * DAY)
    client = as_user(chris)
    assert len(taken(client)) == 3
    assert len(taken(client, since="2026-01-01")) == 4
    [row] = taken(client, person="ada", before="nonsense")
    assert row == {
        "number": str(message.pk),
        "created_at": "2026-03-02T08:00:00+01:00",
        "sent_at": "",
        "kind": "fault.assigned",
        "message": "Yours to mend: [instrument], [title]",
        "channel": "email",
        "status": "failed",
        "person": "Ada",
        "address": "a…@e….org",
        "place": "",
        "attempts": "8",
        # A spreadsheet reads no formula in it.
        "error": '\'@SUM(A1)\n"x";y',
        "receipt": "'=1+1",
    }
    assert taken(client, status="sent")[0]["sent_at"] == "2026-03-02T08:00:00+01:00"
    assert taken(client, person="nobody") == []
    page = client.get(f"{LOG}?person=ada&status=failed").content.decode()
    assert '<input type="hidden" name="person" value="ada">' in page
    assert client.post(FILE, {"kind": "nonsense"}).status_code == 422


def test_who_takes_the_log_out_is_kept(
    as_user: LogIn, ada: User, chris: User, now: datetime
) -> None:
    make_message(ada, now)
    make_message(ada, now)
    make_message(chris, now)
    taken(as_user(chris))
    assert list(DataAccess.objects.values_list("subject_name", "what")) == [
        ("Ada", "messages.file")
    ]
    assert AuditLog.objects.get(action="messages.exported").facts == {"what": "messages", "rows": 3}
    assert SecurityEvent.objects.get(kind="data.exported").actor_id == chris.pk


def test_the_log_is_taken_out_by_those_who_read_it_and_prove_who_they_are(
    as_user: LogIn, client: Client, cast: dict[str, User], now: datetime
) -> None:
    make_message(cast["ada"], now)
    assert "/accounts/login" in client.post(FILE)["Location"]
    for name in ("ada", "ben", "eve"):
        assert as_user(cast[name]).post(FILE).status_code == 403
    theirs = as_user(cast["dora"])
    assert theirs.get(FILE).status_code == 405
    age(theirs)
    assert "proof-password" in theirs.post(FILE).content.decode()
    assert not AuditLog.objects.filter(action="messages.exported").exists()


def test_a_long_log_is_read_in_portions(
    as_user: LogIn, ada: User, chris: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_message(ada, now - timedelta(minutes=n // 2)).pk for n in range(6)]
    monkeypatch.setattr(message_log, "PORTION", 2)
    client = as_user(chris)
    answer = client.post(FILE)
    portions = iter(answer)
    assert next(portions).startswith(b"number,")
    # A portion is a look at the rights and one at the log.
    with count_queries() as counted:
        first = next(portions).decode()
    assert len(first.splitlines()) == 2
    assert len(counted) <= 3
    keys = [int(line.split(",")[0]) for line in (first + b"".join(portions).decode()).splitlines()]
    assert sorted(keys) == sorted(made)
    assert len(set(keys)) == 6


def test_one_message_tells_all_but_the_link(
    as_user: LogIn, ada: User, dora: User, now: datetime
) -> None:
    client = as_user(dora)
    sent = make_message(ada, now, receipt="<1@example.org>", sent_at=now, last_error="")
    page = client.get(f"{LOG}/{sent.pk}").content.decode()
    assert "Lamp" in page
    assert "&lt;1@example.org&gt;" in page
    assert "ada@example.org" not in page
    secret = make_message(ada, now, kind="account.password_reset_requested", payload={"user": 1})
    answer = client.get(f"{LOG}/{secret.pk}")
    page = answer.content.decode()
    assert "Choose a new password" in page
    assert "Here stands a link that only its reader sees" in page
    assert "password/reset" not in page.partition("<main")[2]
    assert answer.context["words"].link == ""
    gone = make_message(ada, now, kind="gone.by_now")
    assert "gone by now" in client.get(f"{LOG}/{gone.pk}").content.decode()


def test_sending_again(as_user: LogIn, ada: User, dora: User, now: datetime) -> None:
    one = make_message(ada, now)
    make_message(ada, now)
    make_message(dora, now)
    client = as_user(dora)
    page = client.get(f"{LOG}?person=ada").content.decode()
    assert "Send the 2 failed ones again" in page
    assert client.post(f"{LOG}/{one.pk}/resend").status_code == 302
    answer = client.post(f"{LOG}/{one.pk}/resend", follow=True)
    assert "only what failed is sent again" in answer.content.decode()
    answer = client.post(f"{LOG}/resend?person=ada", follow=True)
    assert "1 message is sent again." in answer.content.decode()
    assert Message.objects.get(status=DeliveryStatus.FAILED).user == dora
    client.post(f"{LOG}/resend?kind=nonsense")
    assert Message.objects.filter(status=DeliveryStatus.FAILED).count() == 1
    assert client.post(f"{LOG}/99999999/resend").status_code == 404


def test_what_is_stuck(as_user: LogIn, dora: User, now: datetime) -> None:
    client = as_user(dora)
    assert "everything that happened was told" in client.get(f"{LOG}/stuck").content.decode()
    event = OutboxEvent.objects.create(
        kind="fault.changed", created_at=now, attempts=3, last_error="<b>KeyError</b>"
    )
    assert "1 event could not be told" in client.get(LOG).content.decode()
    assert "&lt;b&gt;KeyError" in client.get(f"{LOG}/stuck").content.decode()
    path = f"{LOG}/stuck/{event.public_id}/retry"
    assert "tried again now" in client.post(path, follow=True).content.decode()
    assert client.post(path.replace(str(event.public_id), "0" * 8)).status_code == 404


def test_own_messages_and_nobody_elses(
    as_user: LogIn, ada: User, ben: User, eve: User, now: datetime
) -> None:
    mine = make_message(ada, now, status=DeliveryStatus.SENT)
    Notification.objects.create(
        event=mine.event, user=ada, title="Lamp is dark", url="/resources", created_at=now
    )
    make_message(ada, now - 91 * DAY)
    make_message(ben, now)
    client = as_user(ada)
    answer = client.get(OWN)
    assert [line.message.pk for line in answer.context["lines"]] == [mine.pk]
    assert '<a class="text-break" href="/resources">Lamp is dark</a>' in answer.content.decode()
    assert OWN in client.get("/notices").content.decode()
    assert "Nothing was sent to you" in as_user(eve).get(OWN).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, ada: User, dora: User, now: datetime, number: int) -> None:
    for _n in range(number):
        message = make_message(ada, now)
    client = as_user(dora)
    for path, queries in (
        (LOG, 5),
        (f"{LOG}?person=ada", 8),
        (f"{LOG}/{message.pk}", 7),
        (f"{LOG}/stuck", 3),
    ):
        with count_queries(queries):
            client.get(path)
    client = as_user(ada)
    with count_queries(3):
        client.get(OWN)
