"""Sealtrace: custody, tracing and proof for controlled technical files."""

__version__ = "0.1.0"
