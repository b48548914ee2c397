"""Tags of the customs desk."""
