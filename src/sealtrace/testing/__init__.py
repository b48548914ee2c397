"""What tests and benchmarks of Sealtrace, and of what is built on it, share: pages, attacks, stand-ins."""
