"""Tags of the travel screens."""
