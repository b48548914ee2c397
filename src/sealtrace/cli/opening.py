"""Open the home a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody

    from .main import Settings


@contextmanager
def custody_of(settings: Settings, *, self_test: bool = True) -> Iterator[Custody]:
    """Open the home named before the noun; close it whatever happens."""
    from sealtrace.custody.service import Custody

    with Custody.open(
        settings.home, passphrase=settings.passphrase(), shares=settings.shares(), self_test=self_test
    ) as custody:
        yield custody
