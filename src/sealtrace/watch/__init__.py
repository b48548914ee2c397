"""Screening of published rosters against people under an active restriction: names, context, bands.

A name alone never opens a case; nothing here ranks people; data about relatives is refused.
"""
