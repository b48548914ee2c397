"""Keep the translations complete: gather every text, bring the .po files up to date, make the .mo files.

    python -m sealtrace.web.words          bring up to date; lists what still has no Chinese
    python -m sealtrace.web.words --check  change nothing; exit 1 when a text is missing or a .mo file is old

Every part of the application has its own locale folder. Texts are written in English in code and templates. Django
makes one catalogue of all of them, so a text has one Chinese wording everywhere; where an English word has two
meanings, one of them is written in another way or with a context.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WEB = Path(__file__).parent
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)  # so that the files change only when a text does
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "gettext_noop": None,
}  # fmt: skip


def parts() -> list[Path]:
    """The parts with words of their own."""
    return sorted(path.parent for path in WEB.glob("*/apps.py"))


def texts(part: Path) -> Iterator[tuple[str, int, Any, str | None]]:
    """Every text of a part: file, line, message id (a pair with a plural), context."""
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    for path in sorted([*part.rglob("*.py"), *part.rglob("*.html"), *part.rglob("*.txt")]):
        source = path.read_text("utf-8")
        if path.suffix != ".py":
            source = templatize(source)
        for line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            yield str(path.relative_to(part)), line, message, context


def refresh(part: Path, *, write: bool) -> list[str]:
    """Bring one part's catalogue up to date; returns what is missing or stale."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    folder = part / "locale" / "zh_Hans" / "LC_MESSAGES"
    po, mo = folder / "django.po", folder / "django.mo"
    old = read_po(po.open("rb"), locale="zh_Hans") if po.exists() else Catalog(locale="zh_Hans")
    new = Catalog(
        locale="zh_Hans", project="sealtrace", version="1", header_comment="# Chinese texts of this part."
    )
    for file, _line, message, context in texts(part):
        new.add(message, locations=[(file, 0)], context=context)
    wrong = []
    for entry in new:
        if not entry.id:
            continue
        had = old.get(entry.id, context=entry.context)
        entry.string = had.string if had is not None else entry.string
        if not entry.string or (isinstance(entry.string, tuple) and not all(entry.string)):
            wrong.append(f"{part.name}: no Chinese for {entry.id!r}")
    if not any(entry.id for entry in new):
        return wrong
    po_bytes, mo_bytes = io.BytesIO(), io.BytesIO()
    new.creation_date = new.revision_date = UNDATED
    write_po(po_bytes, new, width=110, sort_output=True, ignore_obsolete=True)
    made = read_po(io.BytesIO(po_bytes.getvalue()), locale="zh_Hans")
    made.creation_date = made.revision_date = UNDATED
    write_mo(mo_bytes, made)
    for path, data in ((po, po_bytes.getvalue()), (mo, mo_bytes.getvalue())):
        if write:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        elif not path.exists() or path.read_bytes() != data:
            wrong.append(f"{part.name}: {path.name} is not up to date; run python -m sealtrace.web.words")
    return wrong


def clashes() -> list[str]:
    """Texts with different wordings in two parts: whichever part came first would have it everywhere."""
    from babel.messages.pofile import read_po

    wordings: dict[tuple[str, str | None], dict[str, set[str]]] = {}
    for part in parts():
        po = part / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        for entry in read_po(po.open("rb"), locale="zh_Hans") if po.exists() else ():
            if entry.id:
                said = wordings.setdefault((str(entry.id), entry.context), {})
                said.setdefault(str(entry.string), set()).add(part.name)
    return [
        f"{text!r} has several Chinese wordings: "
        + "; ".join(f"{zh} ({', '.join(sorted(where))})" for zh, where in said.items())
        for (text, _context), said in sorted(wordings.items(), key=str)
        if len(said) > 1
    ]


def main() -> None:
    """Run from the command line."""
    write = "--check" not in sys.argv[1:]
    wrong = [line for part in parts() for line in refresh(part, write=write)]
    wrong += clashes()
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
