"""Words and figures of the licensing screens."""
