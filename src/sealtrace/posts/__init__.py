"""Sensitive posts and restrictions after them: lawful, notified, expiring, reviewed, contestable."""
