"""Units that measured values are commonly turned into: leaked value = factor x held value + shift."""

from __future__ import annotations

CONVERSIONS: tuple[tuple[str, float, float], ...] = (
    ("same", 1, 0), ("degC>degF", 1.8, 32), ("degF>degC", 1 / 1.8, -32 / 1.8), ("degC>K", 1, 273.15),
    ("K>degC", 1, -273.15), ("x1000", 1e3, 0), ("/1000", 1e-3, 0), ("x100", 100, 0), ("/100", 0.01, 0),
    ("x10", 10, 0), ("/10", 0.1, 0), ("x1e6", 1e6, 0), ("/1e6", 1e-6, 0), ("per h>per min", 1 / 60, 0),
    ("per min>per h", 60, 0), ("per h>per s", 1 / 3600, 0), ("per s>per h", 3600, 0), ("kPa>psi", 0.1450377, 0),
    ("psi>kPa", 6.894757, 0), ("bar>psi", 14.50377, 0), ("bar>kPa", 100, 0), ("L>gal", 0.2641720, 0),
    ("gal>L", 3.785412, 0), ("L/h>gpm", 0.004402868, 0), ("gpm>L/h", 227.1247, 0), ("mm>in", 1 / 25.4, 0),
    ("in>mm", 25.4, 0), ("m>ft", 3.280840, 0), ("kg>lb", 2.204623, 0), ("lb>kg", 0.4535924, 0),
    ("m3/h>gpm", 4.402868, 0),    ("J>kWh", 1 / 3.6e6, 0), ("mass share>percent", 100, 0), ("minus", -1, 0),
)  # fmt: skip
