"""Tables of approvals, over time."""
