"""Calendar files for tests, as programs write them."""


def entry(uid: str = "1@example.org", start: str = "20260309T090000", **fields: str) -> str:
    """One entry of an hour in the zone of the lab; other fields are added or replaced."""
    zone = ";TZID=Europe/Berlin"
    plain = {
        "UID": uid,
        "DTSTAMP": "20260101T000000Z",
        f"DTSTART{zone}": start,
        "DURATION": "PT1H",
        "SUMMARY": "Cells",
    }
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    lines = {**plain, **named}
    told = [f"{name}:{value}" for name, value in lines.items()]
    return "\r\n".join(["BEGIN:VEVENT", *told, "END:VEVENT", ""])


def calendar_file(*entries: str) -> bytes:
    """The entries as a file."""
    body = "".join(entries)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()
