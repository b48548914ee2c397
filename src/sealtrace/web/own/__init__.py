"""The person's own page and the desk where petitions and appeals are heard."""
