"""Speak to a Sealtrace server from Python: signed requests, safe repetition, typed answers. Needs no Django."""

from .client import Client
from .keys import DeviceKey
from .results import Copy, Entry, File, Job, Page, Registered, Trace, Upload

__all__ = ["Client", "Copy", "DeviceKey", "Entry", "File", "Job", "Page", "Registered", "Trace", "Upload"]
