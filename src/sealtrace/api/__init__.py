"""HTTP endpoints of the ledger: SCRAPI, published tiles, the witness protocol. Thin: parse, call, answer."""
