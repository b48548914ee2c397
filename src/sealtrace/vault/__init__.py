"""Encrypted, content-addressed originals and the keys that protect them."""
