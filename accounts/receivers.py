"""What follows when Django says that somebody logged in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.proofs import note_proof
from labitory.lib.clock import now


@receiver(user_logged_in)
def remember_login(request: HttpRequest, **_details: Any) -> None:
    """Whatever door it was, the session knows when; a second factor is noted on top of it."""
    note_proof(request.session, kind="login", now=now())
