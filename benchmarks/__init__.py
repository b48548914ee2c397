"""Benchmarks: each prints figure, machine, input and command. Nothing here is a test."""
