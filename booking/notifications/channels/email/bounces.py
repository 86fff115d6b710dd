"""What a mail server says of a mail that it could not deliver (RFC 3464)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message as Mime

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# These refuse the mail, not the address: a full mailbox, a mail too large, its content, a policy.
_OF_THE_MAIL = re.compile(r"5\.(2\.2|2\.3|3\.4|6\.\d+|7\.\d+)")
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one recipient: `action` is failed, delayed or something that went well."""

    recipients: frozenset[str]
    action: str
    status: str
    reason: str

    @property
    def is_bad(self) -> bool:
        """Whether the mail did not arrive, or has not yet."""
        return self.action in ("failed", "delayed")

    @property
    def is_final(self) -> bool:
        """Whether nobody is at this address: its server says so for good."""
        is_of_the_mail = _OF_THE_MAIL.fullmatch(self.status)
        return self.action == "failed" and self.status.startswith("5.") and not is_of_the_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """The report on one mail, which is known by its Message-ID."""

    message_id: str
    reports: tuple[Report, ...]


def read_bounce(raw: bytes) -> Bounce | None:
    """Read a report; None for any other mail, such as the note of somebody's absence."""
    mail = message_from_bytes(raw)
    parts = mail.get_payload()
    if not mail.is_multipart() or not isinstance(parts, list):
        return None
    reports: list[Report] = []
    message_id = ""
    # Only what the report itself consists of: what it returns may hold another one.
    for part in parts:
        if not isinstance(part, Mime):
            continue
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            reports += _reports(part)
        elif kind in ("message/rfc822", "text/rfc822-headers") and not message_id:
            message_id = _message_id(part)
    if not reports or not message_id:
        return None
    return Bounce(message_id=message_id, reports=tuple(reports))


def _reports(part: Mime) -> Iterator[Report]:
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Mime):
            continue
        named = [_address(block, name) for name in ("Original-Recipient", "Final-Recipient")]
        recipients = frozenset(each for each in named if each)
        if not recipients:
            continue
        diagnostic = _line(block, "Diagnostic-Code").partition(";")
        said = (diagnostic[2] or diagnostic[0]).strip()
        action = _line(block, "Action").lower()
        status = _status(_line(block, "Status")) or _status(said)
        status = status or ("5.0.0" if action == "failed" else "4.0.0")
        reason = f"{status}: {said}"[:_LONGEST] if said else status
        yield Report(recipients=recipients, action=action, status=status, reason=reason)


def _message_id(part: Mime) -> str:
    content = part.get_payload()
    if isinstance(content, list):
        inner = content[0] if content else None
    else:
        text = part.get_payload(decode=True)
        inner = message_from_string(text.decode(errors="replace")) if text else None  # type: ignore[union-attr]
    return _line(inner, "Message-ID") if isinstance(inner, Mime) else ""


def _address(block: Mime, name: str) -> str:
    """The address without its type: `rfc822; ada@example.org`."""
    _kind, _semicolon, address = _line(block, name).rpartition(";")
    return address.strip().strip("<>").lower()


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found.group(0) if found else ""


def _line(block: Mime, name: str) -> str:
    """A field in one line, whatever was in it."""
    return " ".join(str(block.get(name, "")).split())
