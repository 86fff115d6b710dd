"""The socket of live pages."""
