"""Risk assessments for programs: written, handed in, reviewed; others' are not there."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import AssessmentState, ResponsibleKind
from booking.models import OutboxEvent, Resource, ResponsiblePerson, RiskAssessment
from tests.booking.api.conftest import Program
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
AT = "/assessments"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def wish(microscope: Resource) -> dict[str, Any]:
    """What Ada writes of her work."""
    return {
        "resource": str(microscope.public_id),
        "title": "Fixed tissue",
        "kind": "biological",
        "level": "low",
        "hazards": "Splashes",
        "controls": "Work in the hood",
        "protection": ["gloves"],
    }


@pytest.fixture
def draft(as_program: AsProgram, ada: User, wish: dict[str, Any]) -> str:
    """Ada's draft: its address."""
    return f"{AT}/{data(as_program(ada).post(AT, wish), 201)['id']}"


def data(answer: Any, status: int = 200) -> Any:
    body = answer.json()
    assert answer.status_code == status, body
    return body["data"]


def codes(answer: Any, status: int) -> list[str]:
    body = answer.json()
    assert answer.status_code == status, body
    return [each["code"] for each in body["errors"]]


def texts(wish: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**{name: value for name, value in wish.items() if name != "resource"}, **changes}


def test_nobody_gets_nothing(as_program: AsProgram, draft: str, wish: dict[str, Any]) -> None:
    nobody = as_program(None)
    assert {nobody.get(AT).status_code, nobody.get(draft).status_code} == {401}
    for path, body in ((AT, wish), (f"{draft}/submit", {}), (f"{draft}/review", {"approve": True})):
        assert nobody.post(path, body).status_code == 401
    assert RiskAssessment.objects.get().state == AssessmentState.DRAFT


def test_written_handed_in_sent_back_mended_and_approved(
    as_program: AsProgram, ada: User, chris: User, draft: str, wish: dict[str, Any]
) -> None:
    # The test client holds one person at a time.
    assert data(as_program(ada).get(draft))["state"] == "draft"
    assert data(as_program(ada).post(f"{draft}/submit", {}))["state"] == "submitted"
    (waits,) = data(as_program(chris).get(f"{AT}?show=waiting"))
    assert (waits["title"], waits["protection"], waits["user"]["id"]) == (
        "Fixed tissue",
        ["gloves"],
        str(ada.public_id),
    )
    assert codes(as_program(ada).post(f"{draft}/submit", {}), 409) == ["assessment.state"]
    review = f"{draft}/review"
    assert codes(as_program(chris).post(review, {"approve": False}), 422) == ["assessment.note"]
    back = data(as_program(chris).post(review, {"approve": False, "note": "Which class?"}))
    assert (back["state"], back["review_note"]) == ("rejected", "Which class?")
    better = texts(wish, hazards="Splashes of class 1", submit=True)
    changed = data(as_program(ada)._send("put", draft, better, {}))
    assert (changed["state"], changed["hazards"]) == ("submitted", "Splashes of class 1")
    past = {"approve": True, "review_on": "2020-01-01"}
    assert codes(as_program(chris).post(review, past), 422) == ["assessment.past"]
    done = data(as_program(chris).post(review, {"approve": True, "review_on": "2027-03-02"}))
    assert (done["state"], done["review_on"]) == ("approved", "2027-03-02")
    assert codes(as_program(chris).post(review, {"approve": True}), 409) == ["assessment.reviewed"]
    assert AuditLog.objects.filter(action="assessment.approved").count() == 1


def test_who_reads_changes_and_reviews(
    as_program: AsProgram, cast: dict[str, User], draft: str, wish: dict[str, Any]
) -> None:
    as_program(cast["ada"]).post(f"{draft}/submit", {})
    OutboxEvent.objects.all().delete()
    reads, listed, reviews = [], [], {}
    for name, user in cast.items():
        program = as_program(user)
        reads += [name] if program.get(draft).status_code == 200 else []
        listed += [name] if data(program.get(AT)) else []
        answer = program.post(f"{draft}/review", {"approve": False})
        reviews[name] = answer.status_code
        if name != "ada":
            assert program._send("put", draft, texts(wish), {}).status_code == 404
            assert program.post(f"{draft}/submit", {}).status_code == 404
    assert reads == listed == ["ada", "chris", "dora"]
    assert reviews == {"ada": 403, "ben": 404, "chris": 422, "dora": 422, "eve": 404}
    assert RiskAssessment.objects.get().state == AssessmentState.SUBMITTED
    assert not OutboxEvent.objects.exists()


def test_a_safety_officer_reviews(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, draft: str
) -> None:
    as_program(ada).post(f"{draft}/submit", {})
    ResponsiblePerson.objects.create(user=ben, resource=microscope, kind=ResponsibleKind.SAFETY)
    done = data(as_program(ben).post(f"{draft}/review", {"approve": True}))
    assert (done["state"], done["review_on"]) == ("approved", None)


def test_those_of_a_resource_are_its_reviewers_and_read_by_all(
    as_program: AsProgram, cast: dict[str, User], wish: dict[str, Any]
) -> None:
    body = {**wish, "of_resource": True, "submit": True}
    assert codes(as_program(cast["ada"]).post(AT, body), 403) == ["permission.assessment"]
    assert not RiskAssessment.objects.exists()
    made = data(as_program(cast["chris"]).post(AT, body), 201)
    assert (made["user"], made["state"]) == (None, "submitted")
    one = f"{AT}/{made['id']}"
    assert as_program(cast["eve"]).get(one).status_code == 404
    assert codes(as_program(cast["chris"]).post(f"{one}/review", {"approve": True}), 403)
    data(as_program(cast["dora"]).post(f"{one}/review", {"approve": True}))
    for user in cast.values():
        assert data(as_program(user).get(one))["state"] == "approved"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"level": "none"}, 400, "field.invalid_choice"),
        ({"title": "x" * 151}, 400, "field.max_length"),
        ({"protection": ["x"] * 21}, 400, "field.max_length"),
        ({"state": "approved"}, 400, "field.unknown"),
        ({"resource": NOBODY}, 404, "request.not_found"),
    ],
)
def test_what_is_wrong_is_refused(
    as_program: AsProgram,
    ada: User,
    wish: dict[str, Any],
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    assert codes(as_program(ada).post(AT, {**wish, **change}), status) == [code]
    assert not RiskAssessment.objects.exists()
    assert not AuditLog.objects.exists()


def test_what_is_not_there(as_program: AsProgram, chris: User, wish: dict[str, Any]) -> None:
    program, one = as_program(chris), f"{AT}/{NOBODY}"
    assert program.get(one).status_code == 404
    assert program.post(f"{one}/submit", {}).status_code == 404
    assert program.post(f"{one}/review", {"approve": True}).status_code == 404
    assert program._send("put", one, texts(wish), {}).status_code == 404
    assert codes(program.get(f"{AT}?show=others"), 400) == ["field.invalid_choice"]


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, number: int
) -> None:
    for n in range(number):
        one = RiskAssessment.objects.create(
            resource=microscope,
            user=ada,
            written_by=ada,
            written_at="2026-03-01T10:00:00Z",
            reviewed_by=chris,
            review_on=date(2027, 1, 1),
            title=f"Work {n}",
            hazards="Light",
            controls="Goggles",
        )
    program = as_program(ada)
    with count_queries(2):
        assert len(data(program.get(AT))) == number
    with count_queries(2):
        data(program.get(f"{AT}/{one.public_id}"))
