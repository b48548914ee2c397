"""Screens of travel and of travel documents in custody."""
