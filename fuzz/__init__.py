"""Fuzz targets: one for each reader of bytes that come from outside the ledger."""
