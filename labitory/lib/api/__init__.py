"""How every endpoint answers: one envelope, problems with codes, pages, strict input."""
