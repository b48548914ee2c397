"""A campaign at several ports: from the first alerts to joint cases and their outcomes, on a season made up for it."""
