"""Screening of published rosters on screens: one roster, waiting candidates, two reviewers, a word with the person."""
