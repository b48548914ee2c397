"""Tell other programs of events: signed messages, sent only to where the site allows. No web framework here."""
