"""Live production data: collected from its source, kept durably, sealed in batches that register themselves."""
