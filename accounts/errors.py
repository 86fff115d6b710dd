"""Why an account was not changed."""


class AccountRefused(Exception):
    """A change that the rules for accounts forbid; `text` tells the user, `code` the program."""

    def __init__(self, *, code: str, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.field = field
