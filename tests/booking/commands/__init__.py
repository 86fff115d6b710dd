"""Commands of the booking app."""
