"""What services say later of the messages that they took."""

from datetime import datetime
from uuid import UUID

from booking.enums import DeliveryStatus
from booking.locks import lock_told
from booking.notifications.channels import SMS
from booking.services._undelivered import write_undelivered
from labitory.lib.db import run_transaction


def note_text_lost(
    *, event_id: UUID, reader_id: UUID, receipt: str, why: str, now: datetime
) -> bool:
    """Mark a text message that the service took but could not deliver; gives whether it was one.

    Only the text that the service itself had numbered so is touched, and only once.
    """

    def work() -> bool:
        message = lock_told(event_id=event_id, reader=reader_id, channel=SMS.name)
        if message is None or message.status != DeliveryStatus.SENT or message.receipt != receipt:
            return False
        write_undelivered(message, channel=str(SMS.label), why=why, now=now)
        return True

    return run_transaction(work)
