"""The tamper-evident log: RFC 9162 tree, signed statements, receipts, checkpoints. Knows no framework."""
