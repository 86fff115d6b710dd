"""What the accounts tell the apps above them."""

from django.dispatch import Signal

# Sent within the transaction, with `user_pk` and `now`: somebody asked for a link to set a new
# password. Whoever listens sends the mail later, never in the request.
password_reset_requested = Signal()
