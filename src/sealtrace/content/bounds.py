"""Bounds on what is parsed. Beyond them a file can still be kept and traced whole, as opaque bytes."""

from __future__ import annotations

PARSED_BYTES = 1 << 30
"""Largest file that is parsed at all."""
PAGES = 5_000
"""Most pages of one document."""
PIXELS = 200_000_000
"""Most pixels of one picture, read from its header before anything is decoded."""
FRAMES = 500
"""Most frames of one picture file."""
MEMBERS = 10_000
"""Most members of one archive."""
UNPACKED_BYTES = 2 << 30
"""Most bytes an archive may unpack to."""
RATIO = 200
"""Largest unpacked size for each packed byte of an archive member beyond 1 MiB."""
MEMBER_TEXT_BYTES = 16 << 20
"""Largest archive member whose text is read."""
XML_BYTES = 256 << 20
"""Largest XML part that is parsed."""
NESTING = 2
"""Archives within archives."""
TEXT_CHARACTERS = 20_000_000
"""Most characters of text kept from one file."""
TABLE_ROWS = 200_000
"""Most rows of a table whose text is indexed."""
LONG_SIDE = 3_000
"""Long side of a canonical raster, pixels."""
SECONDS = 120.0
"""Wall clock for reading one file."""
