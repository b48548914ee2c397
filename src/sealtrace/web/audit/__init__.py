"""The audit trail: decisions and reads in a chain of their own, anchored in the ledger, beside the ledger's events."""
