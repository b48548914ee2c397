"""What runs the site: readiness, metrics, logs without personal data, certificates, worker processes."""
