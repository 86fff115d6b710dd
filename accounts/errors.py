"""Why an account was not changed."""

from datetime import timedelta


class AccountRefused(Exception):
    """A change that the rules for accounts forbid; `text` tells the user, `code` the program."""

    def __init__(self, *, code: str, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.field = field


class LoginLocked(AccountRefused):
    """Somebody has to wait before the next try to log in; `wait` says how long."""

    def __init__(self, *, text: str, wait: timedelta) -> None:
        super().__init__(code="login.locked", text=text)
        self.wait = wait
