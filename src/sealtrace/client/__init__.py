"""Speak to a Sealtrace server from Python: signed requests, safe repetition, typed answers. Needs no Django."""

from .client import Client
from .keys import DeviceKey
from .results import (
    Copy,
    Device,
    Entry,
    File,
    Job,
    Order,
    Package,
    Packaged,
    Page,
    Registered,
    Standing,
    Trace,
    Upload,
)

__all__ = [
    "Client",
    "Copy",
    "Device",
    "DeviceKey",
    "Entry",
    "File",
    "Job",
    "Order",
    "Package",
    "Packaged",
    "Page",
    "Registered",
    "Standing",
    "Trace",
    "Upload",
]
