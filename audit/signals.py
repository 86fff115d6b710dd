"""What the audit tells the apps above it."""

from django.dispatch import Signal

# Sent within the transaction when a rule raises an alarm, with `alert` and `now`. This app knows
# no people: whoever listens says who is to hear of it.
alert_raised = Signal()
