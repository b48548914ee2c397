"""The demo's documents: a process specification, a flow diagram, an inspection record."""
