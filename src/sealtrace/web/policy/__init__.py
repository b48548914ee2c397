"""The screens of the policy: why something is allowed or not, approvals, exceptions."""
