"""Template tags of the own page."""
