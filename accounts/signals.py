"""What the accounts tell the apps above them."""

from django.dispatch import Signal

# Sent within the transaction, with `kind` (an event of the catalogue), `now`, `facts`, and either
# `user_pk` or, for somebody without an account, `address`. Whoever listens sends the mail later,
# never in the request; links are made then, so that no token is ever stored.
account_told = Signal()
