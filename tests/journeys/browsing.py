"""A person's browser: logging in, looking at a page, and what must never happen on one."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    ViewportSize,
)

from accounts.models import User
from tests.support.workers import until

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
# A page may be left under the checker once, by the click before; not for ever.
AXE_ATTEMPTS = 3
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=375, height=800)
# The browser notes every refused form; the page says so too, and the test reads it there.
REFUSED = re.compile(r"the server responded with a status of (409|422) ")
# So the page library notes a question that was still out when its page was left.
LEFT = re.compile(r"htmx:(afterRequest|sendError|sendAbort)\b")
# What the page library says of service workers that it keeps out.
KEPT_OUT = "Service Worker registration blocked by Playwright"
# Runs before anything of the page: what the policy stops, and what is wider than the window.
WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} stopped ${event.blockedURI}`);
});
window.addEventListener("load", () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    console.error(`wide: ${location.pathname} is ${scrollWidth} of ${clientWidth} pixels`);
  }
});
"""


@dataclass(kw_only=True)
class Window:
    """One browser window with a memory of its own, what it received and what went wrong in it."""

    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    received: list[Response] = field(default_factory=list)

    def watch(self) -> None:
        """Note what comes, and errors and warnings of the console, of scripts and the policy."""
        self.context.add_init_script(WATCH)
        self.page.on("console", self._note)
        self.page.on("response", self._keep)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _keep(self, response: Response) -> None:
        self.received.append(response)

    def _note(self, message: ConsoleMessage) -> None:
        text = message.text
        expected = REFUSED.search(text) or LEFT.match(text) or text == KEPT_OUT
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{self.page.url}: {text}")

    def goto(self, path: str) -> Page:
        """Open an address of the lab; it must not be an error."""
        response = self.page.goto(f"{self.base}{path}")
        assert response is not None
        assert response.ok, f"{path}: {response.status}"
        return self.page

    def let_in(self, user: User) -> None:
        """Give the window a session of somebody's, as a login would."""
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": session.key, "value": session.value, "url": self.base}])

    @property
    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(wide))


@contextmanager
def all_answered() -> Iterator[None]:
    """Wait at the end for the requests of the block: tables still read cannot be emptied.

    A page that is left, or a window that is closed, leaves requests behind.
    """
    under_way: list[str] = []

    def begin(**_told: object) -> None:
        under_way.append("a request")

    def end(**_told: object) -> None:
        under_way.pop()

    request_started.connect(begin)
    request_finished.connect(end)
    try:
        yield
        until(lambda: not under_way, what="all requests are answered")
    finally:
        request_started.disconnect(begin)
        request_finished.disconnect(end)


def open_window(
    browser: Browser,
    base: str,
    *,
    dark: bool,
    phone: bool,
    javascript: bool,
    workers: bool = False,
) -> Window:
    """A fresh window that watches itself; service workers ask by themselves, so few have them."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        java_script_enabled=javascript,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="allow" if workers else "block",
    )
    context.set_default_timeout(10_000)
    window = Window(base=base, context=context, page=context.new_page())
    window.watch()
    return window


def axe_violations(page: Page) -> list[Any]:
    """What axe finds against WCAG 2.2 AA: the rule and the first elements of each.

    Only where JavaScript is on: axe is a script. A page that is left while axe reads it gives
    no answer, so the one that comes after it is asked, once it has loaded.
    """
    answer = None
    for _ in range(AXE_ATTEMPTS):
        page.wait_for_load_state()
        answer = _ask_axe(page)
        if answer is not None:
            break
    assert answer is not None, f"axe was interrupted {AXE_ATTEMPTS} times at {page.url}"
    found: list[Any] = json.loads(answer)
    return found


def _ask_axe(page: Page) -> str | None:
    """The answer of axe as JSON, None where the page went away under it."""
    session = page.context.new_cdp_session(page)

    def evaluate(expression: str) -> Any:
        sent = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return session.send("Runtime.evaluate", sent)["result"].get("value")

    asked = {"runOnly": WCAG, "resultTypes": ["violations"], "preload": False}
    options = json.dumps(asked)
    try:
        # What is still fading has no colour yet; preloading would write styles the policy stops.
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
        session.send("Page.setBypassCSP", {"enabled": True})
        if not evaluate("'axe' in window"):
            evaluate(AXE.read_text())
        answer = evaluate(
            f"axe.run(document,{options})"
            ".then((found) => JSON.stringify(found.violations.map((each) =>"
            " [each.id, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])))"
        )
        session.send("Page.setBypassCSP", {"enabled": False})
    except Error:
        return None
    finally:
        session.detach()
    return answer if isinstance(answer, str) else None
