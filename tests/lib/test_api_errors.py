"""What is wrong with a request, as problems."""

from django.test import RequestFactory
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from labitory.lib.api.errors import MOST_PROBLEMS, handle_exception


def test_an_answer_to_thousands_of_mistakes_stays_small() -> None:
    wrong = ValidationError({"acts": {str(n): ["Wrong."] for n in range(5000)}})
    asked = Request(RequestFactory().post("/api/v1/me/offline-acts"))
    answer = handle_exception(wrong, {"request": asked})
    assert answer is not None
    found = answer.data["errors"]
    assert (answer.status_code, len(found), found[0]["field"]) == (400, MOST_PROBLEMS, "acts.0")
