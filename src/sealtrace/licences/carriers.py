"""Technology carriers: put a registered file under the technology catalogue by what it says itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sealtrace.content.reader import read
from sealtrace.custody.model import Version
from sealtrace.custody.office import Office

from . import forms
from .cases import shipped
from .classify import Classification
from .facts import Facts
from .states import day_of

MAX_CHARACTERS = 400_000  # a long handbook; its subject shows long before


def judge(office: Office, version: Version, on: date | None = None, exported_to: str = "") -> Classification:
    """Classify a registered file as technology, from its title, name and text as they are in the vault.

    A drawing or picture without text is referred: nothing in it could be read.
    """
    with office.staging(f"carrier-{version.row}") as folder:
        original = folder / f"original{Path(version.name).suffix}"
        office.vault.export(version.sha256, original)
        content = read(original, version.kind)
    said = "\n".join(filter(None, (version.title, version.name, content.title, content.text)))
    facts = Facts(
        id=str(version.ref),
        on=on or day_of(office.clock.now()),
        known=date.max,
        form=forms.TECHNOLOGY,
        form_word=forms.TECHNOLOGY,
        text=said[:MAX_CHARACTERS],
        destination=exported_to.upper(),
    )
    return shipped().classify(facts)
