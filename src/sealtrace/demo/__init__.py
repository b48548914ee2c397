"""The demonstration: documents of the trade made here, marked copies, leaks, answers and their proofs."""
