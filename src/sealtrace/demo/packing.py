"""Office packages whose bytes depend on their content only, not on the hour they were written."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

WRITTEN_AT = (2026, 3, 9, 8, 0, 0)
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def settle_package(path: Path) -> None:
    """Rewrite a ZIP package with one fixed time everywhere, members in the order they have."""
    with zipfile.ZipFile(path) as package:
        members = [(info.filename, package.read(info)) for info in package.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members:
            if name == "docProps/core.xml":
                data = _STAMPS.sub(rb"\g<1>2026-03-09T08:00:00Z\g<2>", data)  # noqa: PLW2901 (one field of it)
            package.writestr(zipfile.ZipInfo(name, WRITTEN_AT), data, zipfile.ZIP_DEFLATED)
