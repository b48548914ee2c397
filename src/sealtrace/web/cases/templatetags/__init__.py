"""Tags of the case screens."""
