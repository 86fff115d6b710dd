"""Everything that changes accounts."""
