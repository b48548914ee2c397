"""The customs gate: scan a licence, classify what is declared again, reserve and draw, ask, and tell of the flows."""
