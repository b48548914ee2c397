"""The screens of the personnel-security office."""
