"""A print: a PDF of marked page pictures, a copy of its own whose purpose is to be printed.

It has no text and no vectors, and each sheet names its copy, so that paper found somewhere can be traced by
anybody who can read.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf

from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks.channel import AppliedMark, ChannelName

from . import controls
from .books import page_marking_book
from .digests import digest_file
from .issue import checked_target, deliver, enter_copies
from .model import IssuedCopy, Purpose, Recipient, written
from .office import Office
from .pictures import Picture, marked_pictures


def print_copy(office: Office, ref: VersionRef, recipient: Recipient, out: Path) -> IssuedCopy:
    """Write a version as a PDF for the printer; its entry is durable before its first byte is at `out`.

    Raises:
        CannotMark: not every page can carry a mark.
        Denied, CopyEnded, UndertakingMissing: this recipient may not take it.
    """
    version, target = office.version(ref), checked_target(out)
    controls.require_reading(office, version, recipient)
    controls.require_taking(office, version, [recipient])
    copy, at = CopyId.random(), written(office.clock.now())
    line = f"{recipient.operator}  {recipient.device}  {at[:16].replace('T', ' ')}Z"
    book = page_marking_book(office, version)
    with office.staging("print") as folder:
        made = folder / "print.pdf"
        made.write_bytes(
            _pdf(
                list(
                    marked_pictures(office, version, copy, book, line, f"{copy}  ·  {version.ref}  ·  {line}")
                )
            )
        )
        digest, _ = digest_file(made)
        symbols = book.symbols if book else 0
        marks = (AppliedMark(ChannelName.EXACT, 256), AppliedMark(ChannelName.PAGE, symbols))
        with office.writing():
            [issued] = enter_copies(
                office, version, [(copy, recipient)], [(digest, marks)], book, purpose=Purpose.PRINT
            )
            deliver(made, target)
    return replace(issued, path=target)


def _pdf(pictures: list[Picture]) -> bytes:
    """One page for each picture, in its size."""
    made, out = pikepdf.new(), io.BytesIO()
    for picture in pictures:
        width, height = picture.points
        page = made.add_blank_page(page_size=(width, height))
        grey = b"\xff\xc0" in picture.data[:1024] and _components(picture.data) == 1
        image = pikepdf.Stream(made, picture.data, {
            "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": picture.width,
            "/Height": picture.height, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode,
            "/ColorSpace": pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB,
        })  # fmt: skip
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
        page.obj.Contents = pikepdf.Stream(made, f"q {width} 0 0 {height} 0 0 cm /Page Do Q".encode())
    made.save(out)
    return out.getvalue()


def _components(jpeg: bytes) -> int:
    """How many colours a baseline JPEG has. Source: ITU-T T.81, B.2.2."""
    return jpeg[jpeg.index(b"\xff\xc0") + 9]
