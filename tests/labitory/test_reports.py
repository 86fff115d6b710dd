"""What leaves the house when something goes wrong: real reports, without what opens doors."""

from typing import Any

import sentry_sdk

from labitory.lib.crypto import new_token
from labitory.settings.components.logging import redact_report


def report_of(error: Exception, **request: Any) -> str:
    """The report as Sentry's own client builds it."""
    told: list[Any] = []

    def keep(event: Any, hint: Any) -> None:
        told.append(redact_report(event, hint))

    client = sentry_sdk.Client(
        dsn="https://key@sentry.example.org/1",
        before_send=keep,
        default_integrations=False,
        integrations=[],
    )
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        scope.add_event_processor(lambda event, _hint: {**event, "request": request})
        scope.capture_exception(error)
    assert told
    return str(told)


def test_addresses_that_are_keys_are_in_no_report() -> None:
    token = new_token()
    try:
        raise KeyError(f"/feeds/{token}.ics")
    except KeyError as error:
        said = report_of(
            error,
            url=f"https://lab.example.org/feeds/{token}.ics",
            headers={"Referer": f"https://lab.example.org/notices/decline/{token}"},
        )
    assert token not in said
    assert "lab.example.org/feeds/" in said
