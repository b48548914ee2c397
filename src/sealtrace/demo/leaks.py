"""How the demo's copies leak. Each leak is a file as an investigator would receive it; seeded."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from .typeface import drawn

Raster = NDArray[np.uint8]
SCREEN = (1920, 1200)
PHOTO_MEGAPIXELS = 5.0


def renamed(copy: Path, out: Path) -> None:
    """The same bytes under another name."""
    out.write_bytes(copy.read_bytes())


def resaved_pdf(copy: Path, out: Path) -> None:
    """Read and written again by another program: new object numbers and streams, no document information."""
    import pikepdf

    with pikepdf.open(copy) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for name in ("/Metadata", "/Outlines"):
            if name in pdf.Root:
                del pdf.Root[name]
        pdf.remove_unreferenced_resources()
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            static_id=True,
        )


def resaved_package(copy: Path, out: Path) -> None:
    """An office document packed again: other compression, other order, other times, no author."""
    with zipfile.ZipFile(copy) as package:
        members = {name: package.read(name) for name in package.namelist()}
    first = [name for name in members if name == "[Content_Types].xml"]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name in [*first, *sorted(set(members) - set(first))]:
            package.writestr(
                zipfile.ZipInfo(name, (2026, 4, 1, 9, 30, 0)), members[name], zipfile.ZIP_DEFLATED
            )


def screenshot(page: Raster, thumbnails: Sequence[Raster], title: str, out: Path) -> None:
    """A viewer's window on a desktop, the page fitted to its height, saved as JPEG.

    page and thumbnails: (H, W, 3) RGB.
    """
    screen = _desktop()
    pen = ImageDraw.Draw(screen)
    left, top, right, bottom = 90, 46, SCREEN[0] - 90, SCREEN[1] - 74
    _shadow(screen, (left, top, right, bottom))
    pen = ImageDraw.Draw(screen)
    pen.rounded_rectangle((left, top, right, bottom), 10, (233, 236, 239))
    pen.rounded_rectangle((left, top, right, top + 60), 10, (43, 56, 66))
    pen.rectangle((left, top + 34, right, top + 78), (248, 249, 250))
    for i, colour in enumerate(((236, 106, 94), (244, 190, 79), (97, 197, 84))):
        pen.ellipse((left + 18 + 24 * i, top + 11, left + 31 + 24 * i, top + 24), colour)
    pen.text(((left + right) // 2, top + 17), title, (225, 230, 233), drawn(15), "mm")
    pen.line((left, top + 78, right, top + 78), (210, 214, 218), 1)
    for i, text in enumerate(("文件 File", "视图 View", "页 Page", "58 %", "查找 Find")):
        pen.text((left + 28 + 132 * i, top + 56), text, (70, 78, 84), drawn(15), "lm")
    _sidebar(screen, thumbnails, (left, top + 79, left + 210, bottom))
    _paper(screen, page, (left + 210, top + 79, right, bottom))
    screen.save(out, "JPEG", quality=84)


def _desktop() -> Image.Image:
    """A plain wallpaper with a task bar."""
    w, h = SCREEN
    y, x = np.mgrid[0 : 1 : h * 1j, 0 : 1 : w * 1j]
    mix = np.clip(0.55 * x + 0.45 * y, 0, 1)[..., None]
    colours = (1 - mix) * np.array([38, 74, 92]) + mix * np.array([128, 160, 170])
    screen = Image.fromarray(colours.astype(np.uint8))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, h - 44, w, h), (24, 34, 41))
    pen.text((w - 24, h - 22), "2026-03-18  21:47", (226, 231, 234), drawn(16), "rm")
    for i in range(6):
        pen.rounded_rectangle((24 + 48 * i, h - 36, 52 + 48 * i, h - 8), 6, (60 + 22 * i, 110, 150 - 14 * i))
    return screen


def _shadow(screen: Image.Image, box: tuple[int, int, int, int]) -> None:
    shade = Image.new("L", SCREEN, 0)
    ImageDraw.Draw(shade).rounded_rectangle((box[0], box[1] + 8, box[2], box[3] + 12), 12, 120)
    screen.paste((10, 18, 24), (0, 0), shade.filter(ImageFilter.GaussianBlur(16)))


def _sidebar(screen: Image.Image, thumbnails: Sequence[Raster], box: tuple[int, int, int, int]) -> None:
    pen = ImageDraw.Draw(screen)
    pen.rectangle(box, (241, 243, 245))
    pen.line((box[2], box[1], box[2], box[3]), (210, 214, 218), 1)
    y = box[1] + 18
    for raster in thumbnails:
        small = Image.fromarray(raster)
        small.thumbnail((130, 190))
        if y + small.height + 30 > box[3]:
            break
        x = (box[0] + box[2] - small.width) // 2
        pen.rectangle((x - 1, y - 1, x + small.width, y + small.height), outline=(190, 196, 200))
        screen.paste(small, (x, y))
        y += small.height + 26


def _paper(screen: Image.Image, page: Raster, box: tuple[int, int, int, int]) -> None:
    """The page, fitted to the window with a margin."""
    room_w, room_h = box[2] - box[0] - 60, box[3] - box[1] - 24
    scale = min(room_w / page.shape[1], room_h / page.shape[0])
    size = (round(page.shape[1] * scale), round(page.shape[0] * scale))
    shown = Image.fromarray(page).resize(size, Image.Resampling.LANCZOS)
    at = ((box[0] + box[2] - size[0]) // 2, (box[1] + box[3] - size[1]) // 2)
    ImageDraw.Draw(screen).rectangle(
        (at[0] - 1, at[1] - 1, at[0] + size[0], at[1] + size[1]), outline=(180, 186, 190)
    )
    screen.paste(shown, at)


def photo(page: Raster, seed: int, out: Path, *, kept: float | None = None) -> None:
    """A hand-held photo of the page as JPEG; with `kept`, only that share of its area, cut anywhere.

    The simulator is the test suite's: perspective, lens, uneven light, blur, stripes, noise, JPEG.
    """
    from sealtrace.testing.attacks import chain, crop, phone_photo

    attack = phone_photo(PHOTO_MEGAPIXELS)
    if kept is not None:
        attack = chain(attack, crop(kept))
    picture = attack(page, np.random.default_rng(seed)).picture
    Image.fromarray(picture).save(out, "JPEG", quality=85)


def excerpt(text: str, out: Path) -> None:
    """A few sentences pasted into a message."""
    out.write_text(text, "utf-8")
