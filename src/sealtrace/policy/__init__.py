"""Who may do what, to which record, for which purpose, and why. Decisions by Cedar; no web framework here."""
