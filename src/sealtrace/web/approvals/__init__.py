"""Two-person approval: who asked for what, who else agreed, and for how long it holds."""
