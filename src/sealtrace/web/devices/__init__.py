"""Devices and their keys."""
