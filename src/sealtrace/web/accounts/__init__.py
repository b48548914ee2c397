"""Organisations, operators, their roles, and how they sign in."""
