"""What a session remembers of how its person last proved who they are."""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

PROOF = "proof"
# Proofs that are a second factor; any other is the password, or another site's word.
FACTORS = frozenset({"app", "passkey", "backup_code"})
# For so long a proof is good for dangerous acts.
FRESH = timedelta(minutes=10)

Kept = SessionBase | MutableMapping[str, Any]


def note_proof(session: Kept, *, kind: str, now: datetime) -> None:
    """Remember how the person proved who they are, and when."""
    session[PROOF] = {"kind": kind, "at": now.isoformat()}


def is_proved(session: Kept, *, needs_factor: bool, now: datetime) -> bool:
    """Whether the person proved it in the last ten minutes; with a factor if they have one."""
    kept = session.get(PROOF)
    if not isinstance(kept, dict) or (needs_factor and kept.get("kind") not in FACTORS):
        return False
    return timedelta(0) <= now - datetime.fromisoformat(kept["at"]) < FRESH


def used_factor(session: Kept) -> str:
    """The second factor that the session was opened or confirmed with; empty for none."""
    kind = (session.get(PROOF) or {}).get("kind", "")
    return kind if kind in FACTORS else ""
