"""Trade supervision: declarations, named checks with their physics, learning, and what to inspect next."""
