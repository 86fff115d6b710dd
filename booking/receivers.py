"""The only Django signal receivers: what lower apps tell, put into the outbox."""
