"""Logging in elsewhere: what providers and the directory say, brought into one form."""
