"""Leaks that come in without a screen: a watched folder, a mailbox. Traced at once, told to people, kept as reports."""
